// The page as a whole: people, panels, theme, connection.

import { $, api, avatar, clock, dialog, fill, h, icon, tried } from "./dom.js";
import * as chatView from "./chat.js";
import * as composer from "./composer.js";
import * as mail from "./mail.js";
import * as phones from "./phones.js";
import { be, chat, follow, load, loadAgain, me, nameOf, on, recall, remember, store, tell } from "./store.js";
import { summary } from "./message.js";

const THEMES = { auto: ["auto", "Theme: as the system"], light: ["sun", "Theme: light"], dark: ["moon", "Theme: dark"] };

function row(one, id, name, sub, extra, select) {
  const last = [...one.messages.values()].at(-1);
  const unread = store.unread.get(one.id);
  const current = store.chatId === one.id && (one.type !== "private" || store.me === id);
  return h("li", {}, h("button", { type: "button", class: "row", "aria-current": current ? "true" : null, onclick: select },
    avatar(name, id),
    h("span", { class: "row-words" },
      h("span", { class: "row-top" }, h("b", {}, name), last ? h("time", {}, clock(last.date)) : null),
      h("span", { class: "row-sub" }, extra, h("span", {}, last ? summary(last) : sub), unread ? h("em", { class: "badge" }, unread) : null))));
}

function renderPeople() {
  const go = (person, one) => () => { be(person.id, one.id); show("chat"); };
  fill($("person-list"), [...store.people.values()].map((person) => {
    const one = store.chats.get(person.id);
    const language = person.language_code === "en" ? null : h("em", { class: "chip" }, person.language_code);
    const role = person.role ? h("em", { class: "chip" }, person.role) : null;
    return row(one, person.id, nameOf(person), "Has not started the bot", [role, language], go(person, one));
  }));
  const groups = [...store.chats.values()].filter((one) => one.type !== "private");
  $("groups-title").hidden = groups.length === 0;
  fill($("group-list"), groups.map((one) => {
    const person = one.members.includes(store.me) ? me() : store.people.get(one.members[0]);
    return row(one, one.id, one.title, one.type, null, go(person, one));
  }));
}

function addPerson() {
  const name = h("input", { type: "text", maxlength: "64", required: true, placeholder: "First name", "aria-label": "First name" });
  const language = h("select", { "aria-label": "Language" },
    [["en", "English"], ["es", "Español"], ["fr", "Français"]].map(([code, label]) => h("option", { value: code }, label)));
  const run = async () => {
    if (!name.value.trim()) { name.focus(); return false; }
    const person = await api("POST", "users", { first_name: name.value.trim(), language_code: language.value });
    await loadAgain();
    be(person.id);
    show("chat");
    return true;
  };
  name.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); $("dialog").querySelector(".main").click(); } };
  dialog("Add a person", h("div", { class: "fields" }, h("label", {}, "Name", name), h("label", {}, "Telegram language", language)),
    [{ label: "Cancel" }, { label: "Add", run, main: true }]);
}

function addGroup() {
  const title = h("input", { type: "text", maxlength: "128", placeholder: "Group name", "aria-label": "Group name" });
  const kind = h("select", { "aria-label": "Kind" }, [["supergroup", "Group"], ["channel", "Channel"]].map(([value, label]) => h("option", { value }, label)));
  const others = [...store.people.values()].filter((person) => person.id !== store.me);
  const boxes = others.map((person) => h("input", { type: "checkbox", value: String(person.id), checked: true }));
  const run = async () => {
    if (!title.value.trim()) { title.focus(); return false; }
    const members = boxes.filter((one) => one.checked).map((one) => Number(one.value));
    const made = await api("POST", `users/${store.me}/chats`, { title: title.value.trim(), type: kind.value, members });
    await loadAgain();
    be(store.me, made.id);
    show("chat");
    return true;
  };
  dialog("New group with the bot", h("div", { class: "fields" }, h("label", {}, "Name", title), h("label", {}, "Kind", kind),
    others.map((person, index) => h("label", { class: "check" }, boxes[index], nameOf(person)))), [{ label: "Cancel" }, { label: "Create", run, main: true }]);
}

function renderConnection() {
  const on = store.live && store.bot.connected;
  const words = !store.live ? "The demo has stopped" : on ? `@${store.bot.username} is connected` : "Waiting for the bot";
  fill($("connection"), h("span", { class: `light ${on ? "on" : ""}` }), h("span", {}, words));
}

function show(view) {
  document.body.dataset.view = view;
  const panel = view === "phones" ? "phones" : view === "mail" ? "mail" : null;
  if (panel) selectTab(panel);
  document.querySelectorAll("[data-go]").forEach((one) => one.setAttribute("aria-current", one.dataset.go === view ? "page" : "false"));
  if (view === "chat" && chat()) chatView.render();
}

function selectTab(name) {
  for (const one of ["mail", "phones"]) {
    const selected = one === name;
    $(`tab-${one}`).setAttribute("aria-selected", String(selected));
    $(`tab-${one}`).tabIndex = selected ? 0 : -1;
    $(one).hidden = !selected;
  }
  tell("panel", name);
  renderCounts();
}

function renderCounts() {
  const unread = [...store.unread.values()].reduce((sum, count) => sum + count, 0);
  const counts = { people: unread, chat: 0, mail: mail.unseenMails(), phones: phones.unseenTexts() };
  const labels = { people: ["people", "People"], chat: ["chat", "Chat"], mail: ["mail", "Mailbox"], phones: ["phone", "Phones"] };
  const badge = (name) => (counts[name] ? h("em", { class: "badge" }, counts[name], h("span", { class: "sr" }, " new")) : null);
  document.querySelectorAll("[data-go]").forEach((one) => {
    const [glyph, label] = labels[one.dataset.go];
    fill(one, icon(glyph), h("span", {}, label), badge(one.dataset.go));
  });
  fill($("tab-mail"), icon("mail"), h("span", {}, "Mailbox"), badge("mail"));
  fill($("tab-phones"), icon("phone"), h("span", {}, "Phones"), badge("phones"));
}

function setTheme(name) {
  const theme = name in THEMES ? name : "auto";
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  fill($("theme"), icon(THEMES[theme][0]));
  $("theme").setAttribute("aria-label", THEMES[theme][1]);
  $("theme").title = THEMES[theme][1];
  $("theme").onclick = () => { setTheme({ auto: "light", light: "dark", dark: "auto" }[theme]); };
  remember("theme", theme);
  tell("theme");
}

function setUp() {
  fill($("add-person"), icon("plus"), "Add a person");
  fill($("add-group"), icon("people"), "New group");
  $("add-person").onclick = addPerson;
  $("add-group").onclick = addGroup;
  document.querySelectorAll("[data-go]").forEach((one) => { one.onclick = () => show(one.dataset.go); });
  for (const name of ["mail", "phones"]) $(`tab-${name}`).onclick = () => { selectTab(name); if (["mail", "phones"].includes(document.body.dataset.view)) document.body.dataset.view = name; };
  document.querySelector(".tabs").addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = $("tab-mail").getAttribute("aria-selected") === "true" ? "phones" : "mail";
    selectTab(other);
    $(`tab-${other}`).focus();
  });
  for (const kind of ["loaded", "chosen", "messages"]) on(kind, () => { renderPeople(); renderCounts(); });
  for (const kind of ["loaded", "live"]) on(kind, renderConnection);
  on("counts", renderCounts);
  for (const part of [chatView, composer, mail, phones]) part.setUp();
  setTheme(recall("theme") || "auto");
  show("chat");
  renderCounts();
}

setUp();
tried(load)().then(follow);
