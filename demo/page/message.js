// One message as Telegram shows it: entities, media, buttons.

import { api, clock, copy, h, icon, safeLink, size, toast, tried } from "./dom.js";
import { nameOf, store, tell } from "./store.js";

const WRAPPERS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

// Entities are nested by their offsets, which count UTF-16 units as JavaScript's strings do.
export function rich(text, entities = []) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return inside(text, 0, text.length, sorted);
}

function inside(text, from, to, entities) {
  const parts = [];
  let at = from;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < at || end <= entity.offset) { index += 1; continue; }
    const nested = [];
    while (++index < entities.length && entities[index].offset < end) nested.push(entities[index]);
    if (entity.offset > at) parts.push(text.slice(at, entity.offset));
    parts.push(wrap(entity, text.slice(entity.offset, end), inside(text, entity.offset, end, nested)));
    at = BLOCKS.has(entity.type) && text[end] === "\n" ? end + 1 : end;
  }
  if (at < to) parts.push(text.slice(at, to));
  return parts;
}

function wrap(entity, plain, children) {
  if (entity.type in WRAPPERS) return h(WRAPPERS[entity.type], {}, children);
  if (entity.type === "pre") return h("pre", { "data-language": entity.language || null }, h("code", {}, plain));
  if (entity.type === "spoiler") return spoiler(children);
  if (entity.type === "text_link") return link(entity.url, children);
  if (entity.type === "url") return link(/^[a-z]+:\/\//i.test(plain) ? plain : `http://${plain}`, children);
  if (entity.type === "email") return link(`mailto:${plain}`, children);
  if (entity.type === "phone_number") return link(`tel:${plain}`, children);
  if (entity.type === "bot_command") {
    return h("button", { type: "button", class: "inline-command", onclick: (event) => { event.stopPropagation(); tell("say", plain); } }, plain);
  }
  if (["mention", "hashtag", "cashtag", "text_mention"].includes(entity.type)) return h("span", { class: "tagged" }, children);
  return h("span", {}, children);
}

function spoiler(children) {
  const show = (event) => { event.stopPropagation(); event.currentTarget.classList.add("open"); };
  return h("button", { type: "button", class: "spoiler", "aria-label": "Hidden text, press to show", onclick: show }, children);
}

function link(url, children) {
  const payload = deepLink(url);
  if (payload !== null) {
    return h("a", { href: "#", onclick: (event) => { event.preventDefault(); event.stopPropagation(); tell("start", payload); } }, children);
  }
  const safe = safeLink(url);
  if (!safe) return h("span", { class: "tagged" }, children);
  return h("a", { href: safe, target: "_blank", rel: "noopener noreferrer", onclick: (event) => event.stopPropagation() }, children);
}

export function deepLink(url) {
  const match = /^(?:https?:\/\/)?(?:t|telegram)\.me\/([A-Za-z0-9_]+)\/?(?:\?start=([A-Za-z0-9_-]{0,64}))?$/i.exec(url || "");
  return match && match[1].toLowerCase() === (store.bot.username || "").toLowerCase() ? match[2] || "" : null;
}

const fileUrl = (file) => `/demo/files/${encodeURIComponent(file.file_id)}`;

function media(message) {
  if (message.photo) {
    const photo = message.photo.at(-1);
    return h("a", { class: "photo", href: fileUrl(photo), target: "_blank", rel: "noopener" },
      h("img", { src: fileUrl(photo), alt: message.caption || "Photo", width: photo.width, height: photo.height }));
  }
  if (message.voice || message.audio) {
    const sound = message.voice || message.audio;
    return h("figure", { class: "sound" },
      h("figcaption", {}, icon("mic"), message.voice ? "Voice note" : sound.title || sound.file_name || "Audio"),
      h("audio", { controls: true, preload: "metadata", src: fileUrl(sound) }));
  }
  const file = message.document || message.video || message.animation;
  if (file) {
    return h("a", { class: "document", href: `${fileUrl(file)}?download=true`, download: file.file_name || "file" },
      h("span", { class: "disc" }, icon("file")),
      h("span", {}, h("b", {}, file.file_name || "File"), h("small", {}, size(file.file_size || 0))));
  }
  if (message.location) return place(message.location);
  if (message.contact) {
    return h("div", { class: "document" }, h("span", { class: "disc" }, icon("person")),
      h("span", {}, h("b", {}, message.contact.first_name), h("small", {}, message.contact.phone_number)));
  }
  return null;
}

function place({ latitude, longitude }) {
  return h("div", { class: "place" }, h("span", { class: "map", "aria-hidden": "true" }, icon("pin")),
    h("small", {}, `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`));
}

function quote(message) {
  const replied = message.reply_to_message;
  if (!replied) return null;
  return h("button", { type: "button", class: "quote", onclick: (event) => { event.stopPropagation(); tell("show-message", replied.message_id); } },
    h("b", {}, (replied.from || {}).is_bot ? store.bot.first_name : nameOf(replied.from)), h("span", {}, summary(replied)));
}

export function summary(message) {
  if (message.text || message.caption) return message.text || message.caption;
  const kinds = { photo: "Photo", voice: "Voice note", audio: "Audio", document: "File", location: "Location", contact: "Contact" };
  const kind = Object.keys(kinds).find((one) => message[one]);
  if (message.new_chat_members) return "The bot joined";
  return kind === "document" ? message.document.file_name : kinds[kind] || "Message";
}

function buttons(message) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return h("div", { class: "buttons", role: "group", "aria-label": "Buttons of this message" },
    rows.map((row, y) => h("div", { class: "buttons-row" }, row.map((button, x) => keyButton(message, button, y, x)))));
}

function keyButton(message, button, row, col) {
  const style = button.style ? ` is-${button.style}` : "";
  const shared = { class: `key${style}`, "data-place": `${row}.${col}` };
  if (button.url) {
    const payload = deepLink(button.url);
    if (payload !== null) return h("button", { ...shared, type: "button", onclick: () => tell("start", payload) }, h("span", {}, button.text));
    return h("a", { ...shared, href: safeLink(button.url), target: "_blank", rel: "noopener noreferrer" }, h("span", {}, button.text), icon("link"));
  }
  if (button.copy_text) {
    const run = async () => { await copy(button.copy_text.text); toast("Copied"); };
    return h("button", { ...shared, type: "button", onclick: tried(run) }, h("span", {}, button.text), icon("copy"));
  }
  if (button.callback_data !== undefined) {
    return h("button", { ...shared, type: "button", onclick: (event) => press(event.currentTarget, message, row, col) }, h("span", {}, button.text));
  }
  return h("button", { ...shared, type: "button", disabled: true, title: "The demo can't open this kind of button" }, h("span", {}, button.text));
}

const waiting = new Map();

const press = tried(async (element, message, row, col) => {
  element.classList.add("busy");
  setTimeout(() => element.classList.remove("busy"), 15000);
  try {
    const body = { message_id: message.message_id, row, col, chat_id: store.chatId };
    const { query_id } = await api("POST", `users/${store.me}/press`, body);
    if (store.answers.has(query_id)) element.classList.remove("busy");
    else waiting.set(query_id, element);
  } catch (wrong) {
    element.classList.remove("busy");
    throw wrong;
  }
});

export function answered(answer) {
  waiting.get(answer.query_id)?.classList.remove("busy");
  waiting.delete(answer.query_id);
}

function origin(message) {
  const from = message.forward_origin;
  if (!from) return null;
  const name = from.sender_user ? nameOf(from.sender_user) : from.chat?.title || "somebody";
  return h("p", { class: "forwarded" }, `Forwarded from ${name}`);
}

export function serviceText(message) {
  if (message.new_chat_members) return `${nameOf(message.from)} added ${message.new_chat_members.map(nameOf).join(", ")}`;
  return null;
}

export function bubble(message, { mine, showName, actions }) {
  const text = message.text ?? message.caption;
  const when = `${message.edit_date ? "edited " : ""}${clock(message.date)}`;
  const content = text ? h("div", { class: "text", "data-time": when }, rich(text, message.entities || message.caption_entities)) : null;
  const time = h("span", { class: "time" }, when, mine ? icon("check") : null);
  const sender = showName ? h("p", { class: `sender tint-ink${Math.abs(message.from?.id || 0) % 7}` }, nameOf(message.from) || message.sender_chat?.title) : null;
  const balloon = h("div", { class: "balloon" }, sender, origin(message), quote(message), media(message), content, time);
  const choose = () => { if (!String(window.getSelection())) tell("reply", message); };
  balloon.addEventListener("click", choose);
  const tools = h("div", { class: "tools" }, actions.map(({ label, glyph, run }) =>
    h("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick: run }, icon(glyph))));
  return h("article", { class: `message ${mine ? "mine" : "theirs"}`, "data-id": message.message_id },
    h("div", { class: "line" }, balloon, tools), buttons(message));
}
