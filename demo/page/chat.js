// The chat in the middle: messages, what is typed above them, buttons' answers, the start screen.

import { $, api, avatar, day, dialog, fill, h, icon, popup, toast, tried } from "./dom.js";
import { answered, bubble, serviceText, summary } from "./message.js";
import { be, chat, me, nameOf, on, store, tell } from "./store.js";

const log = $("log");
const ACTIONS = { typing: "typing…", upload_photo: "sending a photo…", upload_document: "sending a file…", record_voice: "recording…", upload_voice: "sending a voice note…" };
let startPayload = new URLSearchParams(location.search).get("start") || "";
let shownChat = null;

const botText = (name) => {
  const texts = (store.bot.texts || {})[name] || {};
  return texts[(me()?.language_code || "").slice(0, 2)] || texts[""] || "";
};

function renderHead() {
  const one = chat();
  const person = me();
  const group = one.type !== "private";
  const title = group ? one.title : botText("name") || store.bot.first_name;
  $("chat-avatar").className = group ? `avatar tint${Math.abs(one.id) % 7}` : "avatar bot";
  fill($("chat-avatar"), group ? [...title][0] : logo());
  $("chat-name").textContent = title;
  fill($("chat-as"), avatar(nameOf(person), person.id, "small"), h("span", {}, `as ${person.first_name}`));
  renderStatus();
}

const logo = () => document.querySelector(".logo").cloneNode(true);

function renderStatus() {
  const one = chat();
  const typing = store.typing.get(one.id);
  const status = $("chat-status");
  const active = typing && typing.until > Date.now();
  status.classList.toggle("typing", Boolean(active));
  if (active) status.textContent = ACTIONS[typing.action] || "working…";
  else if (one.type === "private") status.textContent = one.bot_status === "kicked" ? "you blocked this bot" : "bot";
  else status.textContent = `${one.type === "channel" ? "channel" : "group"}, ${one.members.length + 1} members`;
}

function welcome() {
  const about = botText("description") || botText("short_description");
  const body = store.bot.connected
    ? [h("h3", {}, "What can this bot do?"), h("p", {}, about || "It turns an idea into a LinkedIn post, and asks you before anything goes out.")]
    : [h("h3", {}, "Waiting for the bot"), h("p", {}, "Nobody answers yet. Start Postrider, or point a bot of your own at this address:"), h("code", {}, `TELEGRAM_API_BASE=${location.origin}`)];
  return h("div", { class: "welcome" }, logo(), body);
}

function actionsFor(message, mine) {
  const list = [{ label: "Reply", glyph: "reply", run: () => tell("reply", message) }];
  if (mine && message.text) list.push({ label: "Edit", glyph: "edit", run: () => tell("edit", message) });
  list.push({ label: "Forward", glyph: "forward", run: (event) => chooseForward(event.currentTarget, message) });
  return list;
}

function chooseForward(anchor, message) {
  const targets = [...store.chats.values()].filter((one) => one.members.includes(store.me));
  popup(anchor, targets.map((one) => ({
    label: one.type === "private" ? store.bot.first_name : one.title,
    run: async () => {
      await api("POST", `users/${store.me}/forward`, { message_id: message.message_id, chat_id: store.chatId, to_chat: one.id });
      toast("Forwarded");
    },
  })));
}

function element(message, before) {
  const service = serviceText(message);
  if (service) return h("p", { class: "service", "data-id": message.message_id }, service);
  const mine = message.from?.id === store.me;
  const sameSender = before && before.from?.id === message.from?.id && message.date - before.date < 300 && !serviceText(before);
  const node = bubble(message, { mine, showName: chat().type !== "private" && !mine && !sameSender, actions: actionsFor(message, mine) });
  if (sameSender) node.classList.add("follows");
  return node;
}

const cache = new Map();

function renderMessages() {
  const one = chat();
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80 || shownChat !== one.id;
  const focused = log.contains(document.activeElement) ? document.activeElement : null;
  const place = focused?.dataset?.place;
  const focusedId = focused?.closest("[data-id]")?.dataset.id;
  if (shownChat !== one.id) cache.clear();
  const nodes = [];
  let lastDay = "";
  let before = null;
  for (const message of one.messages.values()) {
    const today = day(message.date);
    if (today !== lastDay) { nodes.push(h("p", { class: "service day" }, (lastDay = today))); before = null; }
    const signature = JSON.stringify([message, before?.from?.id, before?.date, store.me]);
    const known = cache.get(message.message_id);
    const node = known && known.signature === signature ? known.node : element(message, before);
    if (!known && shownChat === one.id) node.classList.add("new");
    cache.set(message.message_id, { signature, node });
    nodes.push(node);
    before = message;
  }
  const empty = one.type === "private" && one.messages.size === 0;
  reconcile(empty ? [welcome()] : nodes);
  if (focused && !document.body.contains(focused)) {
    const again = log.querySelector(`[data-id="${focusedId}"] [data-place="${place}"]`) || log.querySelector(`[data-id="${focusedId}"] .key`);
    (again || log).focus({ preventScroll: true });
  }
  shownChat = one.id;
  if (atEnd) log.scrollTop = log.scrollHeight;
  renderToEnd();
  renderPinned();
}

// Moves only what changed, so that focus, playing sound and selections survive.
function reconcile(nodes) {
  const wanted = new Set(nodes);
  [...log.children].forEach((child) => { if (!wanted.has(child)) child.remove(); });
  nodes.forEach((node, index) => { if (log.children[index] !== node) log.insertBefore(node, log.children[index] || null); });
}

function renderPinned() {
  const one = chat();
  const message = one.messages.get(one.pinned.at(-1));
  $("pinned").hidden = !message;
  if (message) fill($("pinned"), h("b", {}, "Pinned message"), h("span", {}, summary(message)));
  $("pinned").onclick = () => message && showMessage(message.message_id);
}

function renderToEnd() {
  $("to-end").hidden = log.scrollHeight - log.scrollTop - log.clientHeight < 240;
}

function renderStart() {
  const one = chat();
  const needed = one.type === "private" && (one.bot_status !== "member" || (startPayload && !one.startedHere));
  $("start").hidden = !needed;
  $("form").hidden = needed;
  $("start").textContent = one.bot_status === "kicked" ? "Unblock and restart" : "Start";
}

export function render() {
  if (!chat()) return;
  renderHead();
  renderMessages();
  renderStart();
  tell("composer");
}

function showMessage(id) {
  const node = log.querySelector(`[data-id="${id}"]`);
  if (!node) { toast("That message is no longer here"); return; }
  node.scrollIntoView({ block: "center", behavior: "smooth" });
  node.classList.add("lit");
  setTimeout(() => node.classList.remove("lit"), 1500);
}

const start = tried(async (payload) => {
  const target = me().id;
  if (store.chatId !== target) be(target);
  await api("POST", `users/${target}/start`, { payload });
  chat().startedHere = true;
  chat().bot_status = "member";
  startPayload = "";
  render();
});

function openMenu() {
  const one = chat();
  const items = [{ label: "Send /start", glyph: "send", run: () => start("") }];
  if (one.type === "private" && one.bot_status === "member") {
    items.push({ label: "Block the bot", glyph: "close", danger: true, run: () => api("POST", `users/${store.me}/block`) });
  }
  if (one.type === "private" && one.bot_status === "kicked") {
    items.push({ label: "Unblock the bot", glyph: "check", run: () => api("POST", `users/${store.me}/unblock`) });
  }
  if (one.type !== "private") {
    const set = (status) => () => api("POST", `chats/${one.id}/bot`, { by: store.me, status });
    if (one.bot_status === "kicked" || one.bot_status === "left") items.push({ label: "Add the bot", glyph: "plus", run: set("member") });
    else {
      if (one.bot_status === "member") items.push({ label: "Make the bot an admin", glyph: "check", run: set("administrator") });
      items.push({ label: "Remove the bot", glyph: "trash", danger: true, run: set("kicked") });
    }
    for (const id of one.members) {
      if (id !== store.me && store.people.has(id)) items.push({ label: `Be ${nameOf(store.people.get(id))} here`, glyph: "person", run: async () => be(id, one.id) });
    }
  }
  popup($("chat-menu"), items);
}

function showAnswer(answer) {
  answered(answer);
  if (answer.person_id !== store.me) return;
  if (answer.url) window.open(answer.url, "_blank", "noopener");
  if (!answer.text) return;
  if (answer.show_alert) dialog(store.bot.first_name, h("p", { class: "alert-text" }, answer.text), [{ label: "OK", main: true }]);
  else toast(answer.text);
}

export function setUp() {
  fill($("chat-menu"), icon("dots"));
  fill($("to-end"), icon("down"));
  $("chat-menu").onclick = openMenu;
  $("start").onclick = () => start(startPayload);
  $("to-end").onclick = () => log.scrollTo({ top: log.scrollHeight, behavior: "smooth" });
  log.addEventListener("scroll", renderToEnd, { passive: true });
  on("loaded", render);
  on("chosen", render);
  on("messages", ({ chat_id }) => { if (chat_id === store.chatId) { renderMessages(); renderStart(); } });
  on("typing", (id) => { if (id === store.chatId) renderStatus(); });
  on("answer", showAnswer);
  on("show-message", showMessage);
  on("start", start);
  new ResizeObserver(() => { if (log.scrollHeight - log.scrollTop - log.clientHeight < 160) log.scrollTop = log.scrollHeight; }).observe(log);
}
