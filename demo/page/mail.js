// The mailbox: what arrived by SMTP, as a mail program shows it.

import { $, api, avatar, clock, day, dialog, fill, h, icon, size, toast, tried } from "./dom.js";
import { on, store, tell } from "./store.js";

const view = { address: "", open: null, mode: "html", narrow: false, dark: null, unseen: new Set() };
const box = $("mail");

export const unseenMails = () => view.unseen.size;

const pageIsDark = () => getComputedStyle(document.documentElement).colorScheme === "dark";

function addresses() {
  const counts = new Map();
  store.mails.forEach((mail) => mail.to.forEach((to) => counts.set(to, (counts.get(to) || 0) + 1)));
  return [...counts].sort();
}

function renderList() {
  const mails = store.mails.filter((mail) => !view.address || mail.to.includes(view.address)).reverse();
  if (!store.mails.length) {
    return fill(box, h("div", { class: "empty" }, h("span", { class: "big" }, icon("mail")), h("h3", {}, "No mail yet"),
      h("p", {}, "Every email the bot sends lands here, for any address. Tell it yours with /email, then approve a draft.")));
  }
  const pick = h("select", { "aria-label": "Mailbox", onchange: (event) => { view.address = event.target.value; render(); } },
    h("option", { value: "" }, `All addresses (${store.mails.length})`),
    addresses().map(([address, count]) => h("option", { value: address, selected: address === view.address }, `${address} (${count})`)));
  const clear = h("button", { type: "button", class: "icon", "aria-label": "Empty the mailbox", title: "Empty the mailbox",
    onclick: tried(async () => { await api("DELETE", "mails"); store.mails = []; view.unseen.clear(); render(); tell("counts"); }) }, icon("trash"));
  return fill(box, h("div", { class: "bar" }, pick, clear), h("ul", { class: "mails" }, mails.map(row)));
}

function row(mail) {
  const sender = mail.from.replace(/<.*>/, "").replaceAll('"', "").trim() || mail.from;
  const unseen = view.unseen.has(mail.id) ? " unseen" : "";
  return h("li", {}, h("button", { type: "button", class: `mail-row${unseen}`, onclick: tried(() => open(mail.id)) },
    avatar(sender, sender.length, "small"),
    h("span", { class: "mail-words" },
      h("span", { class: "mail-top" }, h("b", {}, sender), h("time", {}, day(mail.at) === "Today" ? clock(mail.at) : day(mail.at))),
      h("span", { class: "mail-subject" }, mail.subject || "(no subject)"),
      h("span", { class: "mail-preview" }, mail.preview),
      h("span", { class: "mail-to" }, `to ${mail.to.join(", ")}`, mail.status === "bounced" ? h("em", { class: "chip bad" }, "bounced") : null))));
}

async function open(id) {
  view.open = await api("GET", `mails/${id}`);
  view.mode = view.open.html ? "html" : "text";
  view.unseen.delete(id);
  tell("counts");
  render();
  box.querySelector(".mail-back")?.focus();
}

function close() {
  view.open = null;
  document.body.classList.remove("wide-mail");
  render();
}

const tool = (label, glyph, pressed, run) =>
  h("button", { type: "button", class: "icon", "aria-label": label, title: label, "aria-pressed": String(pressed), onclick: run }, icon(glyph));

function renderOpen() {
  const mail = view.open;
  const dark = view.dark ?? pageIsDark();
  const wide = document.body.classList.contains("wide-mail");
  const flip = (change) => () => { change(); render(); };
  const modes = [["html", "Message"], ["text", "Plain text"], ["headers", "Headers"]].filter(([mode]) => mode !== "html" || mail.html);
  const unsubscribable = mail.unsubscribe.url || mail.unsubscribe.mailto;
  fill(box,
    h("div", { class: "bar" },
      h("button", { type: "button", class: "icon mail-back", "aria-label": "Back to the list", onclick: close }, icon("back")),
      h("span", { class: "spring" }),
      tool("At 360 pixels, as on a phone", "phone", view.narrow, flip(() => { view.narrow = !view.narrow; })),
      tool("In a dark theme", "moon", dark, flip(() => { view.dark = !dark; })),
      h("span", { class: "only-wide" }, tool(wide ? "Smaller" : "Larger", wide ? "shrink" : "grow", wide, flip(() => document.body.classList.toggle("wide-mail"))))),
    h("header", { class: "mail-head" },
      h("h3", {}, mail.subject || "(no subject)"),
      h("p", {}, h("b", {}, mail.from), h("time", {}, `${day(mail.at)} ${clock(mail.at)}`)),
      h("p", {}, `to ${mail.to.join(", ")}`, mail.status === "bounced" ? h("em", { class: "chip bad" }, "bounced") : null,
        unsubscribable ? h("button", { type: "button", class: "text-button", onclick: tried(unsubscribe) }, "Unsubscribe") : null)),
    h("div", { class: "segments", role: "group", "aria-label": "Show as" }, modes.map(([mode, label]) =>
      h("button", { type: "button", "aria-pressed": String(view.mode === mode), onclick: flip(() => { view.mode = mode; }) }, label))),
    body(mail, dark),
    mail.attachments.length ? h("ul", { class: "attachments" }, mail.attachments.map((part, index) =>
      h("li", {}, h("a", { href: `/demo/mail/${mail.id}/parts/${index}`, target: "_blank", rel: "noopener" }, icon("attach"), `${part.name} (${size(part.size)})`)))) : null);
}

function body(mail, dark) {
  if (view.mode === "headers") {
    return h("dl", { class: "headers", tabindex: "0" }, mail.headers.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  }
  if (view.mode === "text") return h("pre", { class: `plain-mail${view.narrow ? " narrow" : ""}`, tabindex: "0" }, mail.text || "(no plain text part)");
  return h("div", { class: `sheet${view.narrow ? " narrow" : ""}${dark ? " dark" : ""}` },
    h("iframe", { src: `/demo/mail/${mail.id}/html?scheme=${dark ? "dark" : "light"}`, sandbox: "allow-popups allow-popups-to-escape-sandbox", title: `E-mail: ${mail.subject}`, referrerpolicy: "no-referrer" }));
}

async function unsubscribe() {
  const { url, mailto, one_click } = view.open.unsubscribe;
  const how = one_click
    ? "Your mail program posts to the sender's one-click address (RFC 8058)."
    : url ? "This sender has no one-click address; your mail program would open its page." : `Your mail program would write to ${mailto.replace("mailto:", "")}.`;
  const label = one_click ? "Unsubscribe" : url ? "Open the page" : "OK";
  const run = async () => {
    if (!one_click) { if (url) window.open(url, "_blank", "noopener"); return; }
    const answer = await api("POST", `mails/${view.open.id}/unsubscribe`);
    toast(answer.done ? "Unsubscribed" : `The sender did not accept it (${answer.status || answer.error})`);
  };
  dialog("Unsubscribe?", h("div", {}, h("p", {}, how), h("code", {}, url || mailto)), [{ label: "Cancel" }, { label, run, main: true }]);
}

function render() {
  if (view.open) renderOpen();
  else renderList();
}

export function setUp() {
  on("loaded", () => {
    const known = new Set(store.mails.map((mail) => mail.id));
    view.unseen.forEach((id) => { if (!known.has(id)) view.unseen.delete(id); });
    if (view.open && known.has(view.open.id)) return;
    view.open = null;
    render();
  });
  on("mail", (mail) => { view.unseen.add(mail.id); if (!view.open) render(); tell("counts"); });
  on("theme", render);
}
