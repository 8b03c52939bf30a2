// The phones: SMS and WhatsApp as their owners see them, and their answers.

import { $, api, clock, day, fill, h, icon, tried } from "./dom.js";
import { on, store, tell } from "./store.js";

const box = $("phones");
const LABELS = { sms: "SMS", whatsapp: "WhatsApp", push: "Push", in_app: "In app", telegram: "Telegram", webhook: "Webhook", email: "Email" };
const ANSWERED = ["sms", "whatsapp"];
const LABEL_LENGTH = 34; // a browser's push subscription is longer than any number
const view = { number: "", seen: new Map() };

const shown = () => box.offsetParent !== null;
export const unseenTexts = () => store.phones.reduce((sum, phone) => sum + Math.max(0, incoming(phone) - (view.seen.get(phone.number) || 0)), 0);
const incoming = (phone) => phone.messages.filter((message) => message.direction === "in").length;

function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) =>
    index % 2 ? h("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part) : part);
}

const named = (number) => (number.length > LABEL_LENGTH ? `${number.slice(0, LABEL_LENGTH)}…` : number);

// A push leads somewhere by a tap on it; it names its title apart from its words.
function contentOf(message) {
  if (message.channel !== "push") return linked(message.text);
  const title = message.subject ? h("strong", { class: "push-title" }, message.subject) : null;
  const link = /^https?:\/\//.test(message.url) ? h("a", { href: message.url, target: "_blank", rel: "noopener noreferrer" }, "Open") : null;
  return [title, h("span", {}, message.text), link && " ", link];
}

function text(message) {
  const when = `${message.status === "bounced" ? "not delivered " : ""}${clock(message.at)}`;
  return h("div", { class: `sms ${message.direction} ${message.channel}` },
    h("div", { class: "balloon" }, h("div", { class: "text", "data-time": when }, contentOf(message)),
      h("span", { class: "time" }, when)));
}

// WhatsApp tells the sender that somebody has looked.
function look(phone) {
  const isNew = (message) => message.channel === "whatsapp" && message.direction === "in" && message.status === "delivered";
  if (phone.messages.some(isNew)) tried(() => api("POST", `phones/${encodeURIComponent(phone.number)}/read`))();
}

function render() {
  if (!store.phones.length) {
    fill(box, h("div", { class: "empty" }, h("span", { class: "big" }, icon("phone")), h("h3", {}, "No texts yet"),
      h("p", {}, "SMS and WhatsApp messages to any number show up here, one phone for each number. You can answer them too.")));
    return;
  }
  const phone = store.phones.find((one) => one.number === view.number) || store.phones[0];
  view.number = phone.number;
  if (shown()) { view.seen.set(phone.number, incoming(phone)); tell("counts"); look(phone); }
  const typed = box.querySelector(".phone-input")?.value || "";
  const focused = document.activeElement?.classList.contains("phone-input");
  const pick = h("select", { "aria-label": "Phone", onchange: (event) => { view.number = event.target.value; render(); } },
    store.phones.map((one) => h("option", { value: one.number, selected: one.number === phone.number }, `${named(one.number)} (${one.messages.length})`)));
  const channel = phone.messages.findLast((message) => ANSWERED.includes(message.channel))?.channel;
  const field = h("input", { class: "phone-input", type: "text", "aria-label": `Answer from ${phone.number}`, placeholder: `Answer by ${LABELS[channel] || channel}`, maxlength: "2000" });
  field.value = typed;
  const send = tried(async (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    const words = field.value;
    field.value = "";
    await api("POST", `phones/${encodeURIComponent(phone.number)}/replies`, { text: words, channel });
  });
  const items = [];
  let last = "";
  for (const message of phone.messages) {
    const head = `${LABELS[message.channel] || message.channel}, ${day(message.at)}`;
    if (head !== last) items.push(h("p", { class: "sms-day" }, (last = head)));
    items.push(text(message));
  }
  const screen = h("div", { class: "screen", role: "log", "aria-label": `Messages on ${phone.number}`, tabindex: "0" }, items);
  fill(box, h("div", { class: "bar" }, pick),
    h("div", { class: "handset" }, h("div", { class: "notch", "aria-hidden": "true" }), screen,
      channel && h("form", { class: "phone-form", onsubmit: send }, field, h("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send")))));
  screen.scrollTop = screen.scrollHeight;
  if (focused) field.focus();
}

export function setUp() {
  on("loaded", () => { store.phones.forEach((phone) => { if (!view.seen.has(phone.number)) view.seen.set(phone.number, incoming(phone)); }); render(); });
  on("phones", () => { render(); tell("counts"); });
  on("panel", (name) => { if (name === "phones") render(); });
}
