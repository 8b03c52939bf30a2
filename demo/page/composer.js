// Writing: the field, the command menu, answers and corrections, attachments, voice notes, reply keyboards.

import { $, api, dialog, fill, h, icon, popup, toast, tried } from "./dom.js";
import { summary } from "./message.js";
import { chat, me, nameOf, on, store } from "./store.js";

const input = $("input");
const PLACES = [
  ["Paris", 48.8566, 2.3522], ["Madrid", 40.4168, -3.7038], ["London", 51.5074, -0.1278], ["New York", 40.7128, -74.006],
  ["Mexico City", 19.4326, -99.1332], ["San Francisco", 37.7749, -122.4194], ["Nairobi", -1.2921, 36.8219], ["Tokyo", 35.6762, 139.6503],
];
let answering = null;
let correcting = null;
let chosen = 0;
let recorder = null;

const post = (action, body) => api("POST", `users/${store.me}/${action}`, body);

function grow() {
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 160)}px`;
  const empty = !input.value.trim();
  $("send").hidden = empty;
  $("voice").hidden = !empty;
}

async function say(text) {
  if (correcting) await post("edit", { message_id: correcting.message_id, text, chat_id: store.chatId });
  else await post("messages", { text, reply_to: replyTo(), chat_id: store.chatId });
  forget();
}

// A force_reply keyboard answers its message without being asked to.
function replyTo() {
  const forced = chat().keyboard?.force_reply ? chat().keyboard.message_id : null;
  return answering?.message_id ?? (chat().messages.has(forced) ? forced : null);
}

function forget() {
  answering = null;
  correcting = null;
  $("replying").hidden = true;
}

function showReplying(title, message, glyph) {
  fill($("replying"), icon(glyph), h("div", {}, h("b", {}, title), h("span", {}, summary(message))),
    h("button", { type: "button", class: "icon", "aria-label": "Cancel", onclick: () => { if (correcting) input.value = ""; forget(); grow(); } }, icon("close")));
  $("replying").hidden = false;
  input.focus({ preventScroll: true });
}

function reply(message) {
  if ($("form").hidden) return;
  correcting = null;
  answering = message;
  const who = message.from?.is_bot ? store.bot.first_name : nameOf(message.from);
  showReplying(`Reply to ${who || "this message"}`, message, "reply");
}

function edit(message) {
  answering = null;
  correcting = message;
  input.value = message.text;
  showReplying("Edit message", message, "edit");
  grow();
}

function matching() {
  const typed = /^\/(\w*)$/.exec(input.value);
  return typed ? commands().filter(({ command }) => command.startsWith(typed[1].toLowerCase())) : [];
}

const commands = () => (chat().type === "private" ? me().commands || [] : chat().commands || []);

function showCommands(list) {
  const box = $("commands");
  chosen = Math.min(chosen, Math.max(list.length - 1, 0));
  box.hidden = list.length === 0;
  $("menu").setAttribute("aria-expanded", String(!box.hidden));
  fill(box, list.map(({ command, description }, index) =>
    h("li", { role: "option", id: `command-${index}`, "aria-selected": String(index === chosen), onpointerdown: (event) => { event.preventDefault(); pick(command); } },
      h("b", {}, `/${command}`), h("span", {}, description))));
  input.setAttribute("aria-activedescendant", list.length ? `command-${chosen}` : "");
  box.children[chosen]?.scrollIntoView({ block: "nearest" });
}

const pick = tried(async (command) => {
  input.value = "";
  showCommands([]);
  grow();
  await say(`/${command}`);
});

function keys(event) {
  const list = $("commands").hidden ? [] : matching().length ? matching() : commands();
  if (list.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    chosen = (chosen + (event.key === "ArrowDown" ? 1 : list.length - 1)) % list.length;
    showCommands(list);
  } else if (list.length && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    pick(list[chosen].command);
  } else if (event.key === "Escape") {
    showCommands([]);
    forget();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("form").requestSubmit();
  }
}

function pickFile(accept, kind) {
  const field = $("file");
  field.accept = accept;
  field.value = "";
  field.onchange = tried(async () => { if (field.files[0]) await sendFile(kind, field.files[0], field.files[0].name); });
  field.click();
}

async function sendFile(kind, file, name, duration = 1) {
  const form = new FormData();
  form.append("file", file, name);
  form.append("chat_id", store.chatId);
  form.append("duration", duration);
  if (kind !== "voice" && input.value.trim()) { form.append("caption", input.value.trim()); input.value = ""; grow(); }
  if (replyTo()) form.append("reply_to", replyTo());
  await post(kind, form);
  forget();
}

function sendPlace() {
  const list = h("div", { class: "choices" }, PLACES.map(([name, latitude, longitude]) =>
    h("button", { type: "button", class: "plain", onclick: tried(async () => { $("dialog").close(); await post("location", { latitude, longitude, chat_id: store.chatId, reply_to: replyTo() }); forget(); }) }, name)));
  dialog("Share a location", h("div", {}, h("p", {}, "Where are you?"), list), [{ label: "Cancel" }]);
}

const sendContact = () => post("contact", { chat_id: store.chatId });

async function record() {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    toast("No microphone here: choose a sound file instead");
    pickFile("audio/*", "voice");
    return;
  }
  const type = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus"].find((one) => MediaRecorder.isTypeSupported(one));
  const pieces = [];
  const began = Date.now();
  recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
  recorder.ondataavailable = (event) => pieces.push(event.data);
  const bar = $("recording");
  const time = h("span", { role: "timer" }, "0:00");
  const timer = setInterval(() => { const s = Math.floor((Date.now() - began) / 1000); time.textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`; }, 250);
  const end = (keep) => {
    recorder.onstop = tried(async () => {
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      bar.hidden = true;
      $("form").hidden = false;
      const kind = (recorder.mimeType || "audio/ogg").split(";")[0];
      if (keep) await sendFile("voice", new Blob(pieces, { type: kind }), kind.includes("ogg") ? "voice.ogg" : "voice.webm", Math.max(1, Math.round((Date.now() - began) / 1000)));
    });
    recorder.stop();
  };
  fill(bar, h("i", { class: "dot" }), time, h("button", { type: "button", class: "plain", onclick: () => end(false) }, "Cancel"),
    h("button", { type: "button", class: "send", "aria-label": "Send the voice note", onclick: () => end(true) }, icon("send")));
  bar.hidden = false;
  $("form").hidden = true;
  recorder.start();
}

function openAttach() {
  popup($("attach"), [
    { label: "Photo", glyph: "photo", run: async () => pickFile("image/*", "photo") },
    { label: "File", glyph: "file", run: async () => pickFile("", "document") },
    { label: "Voice note from a file", glyph: "mic", run: async () => pickFile("audio/*", "voice") },
    { label: "Location", glyph: "pin", run: async () => sendPlace() },
    { label: "Your phone number", glyph: "person", run: sendContact },
  ]);
}

function renderKeyboard() {
  const rows = chat().keyboard?.keyboard;
  const box = $("reply-keyboard");
  $("keyboard-toggle").hidden = !rows;
  box.hidden = !rows || $("form").hidden;
  fill(box, (rows || []).map((row) => h("div", { class: "buttons-row" }, row.map((button) => {
    const run = button.request_location ? async () => sendPlace() : button.request_contact ? sendContact : () => say(button.text);
    return h("button", { type: "button", class: "key", onclick: tried(run) }, h("span", {}, button.text));
  }))));
  input.placeholder = chat().keyboard?.input_field_placeholder || "Message";
}

async function render() {
  $("menu").hidden = commands().length === 0;
  renderKeyboard();
  grow();
  const one = chat();
  if (one.type !== "private" && !one.commands) {
    one.commands = await api("GET", `users/${store.me}/commands?chat_id=${one.id}`).catch(() => []);
    $("menu").hidden = commands().length === 0;
  }
}

export function setUp() {
  fill($("send"), icon("send"));
  fill($("voice"), icon("mic"));
  fill($("attach"), icon("attach"));
  fill($("keyboard-toggle"), icon("keys"));
  fill($("menu"), icon("slash"));
  $("form").onsubmit = tried(async (event) => {
    event.preventDefault();
    const text = input.value;
    if (!text.trim()) return;
    input.value = "";
    showCommands([]);
    grow();
    try { await say(text); } catch (wrong) { input.value = text; grow(); throw wrong; }
  });
  input.addEventListener("input", () => { chosen = 0; showCommands(matching()); grow(); });
  input.addEventListener("keydown", keys);
  input.addEventListener("blur", () => setTimeout(() => showCommands([]), 150));
  $("menu").onclick = () => { chosen = 0; showCommands($("commands").hidden ? commands() : []); input.focus(); };
  $("attach").onclick = openAttach;
  $("voice").onclick = tried(record);
  $("keyboard-toggle").onclick = () => { $("reply-keyboard").hidden = !$("reply-keyboard").hidden; };
  on("reply", reply);
  on("edit", edit);
  on("say", tried(say));
  on("chosen", () => { forget(); input.value = ""; showCommands([]); });
  on("composer", render);
  on("keyboard", (id) => { if (id === store.chatId) renderKeyboard(); });
}
