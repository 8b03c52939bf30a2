// What the page knows, kept current by the server's events.

import { api } from "./dom.js";

export const store = {
  bot: {}, people: new Map(), chats: new Map(), mails: [], phones: [],
  me: null, chatId: null, typing: new Map(), unread: new Map(), answers: new Map(), live: false, number: 0,
};
const listeners = new Map();

export const on = (kind, run) => listeners.set(kind, [...(listeners.get(kind) || []), run]);
export const tell = (kind, data) => (listeners.get(kind) || []).forEach((run) => run(data));

export const me = () => store.people.get(store.me);
export const chat = () => store.chats.get(store.chatId);
export const nameOf = (user) => (user ? [user.first_name, user.last_name].filter(Boolean).join(" ") : "");

export function chooseFrom(list, kept, fallback) {
  return list.includes(kept) ? kept : fallback;
}

export function be(personId, chatId = personId) {
  store.me = personId;
  store.chatId = chatId;
  store.unread.delete(chatId);
  remember("me", personId);
  tell("chosen");
}

export function remember(name, value) {
  try { localStorage.setItem(`postrider-${name}`, String(value)); } catch { /* private windows forget */ }
}

export function recall(name) {
  try { return localStorage.getItem(`postrider-${name}`); } catch { return null; }
}

let loading = null;
let held = [];

// Events that come while a snapshot is on its way wait for it; those it already holds are passed over by number.
export function load() {
  loading ??= (async () => {
    try {
      await fetchAll();
      const later = held;
      held = [];
      later.forEach(apply);
      tell("loaded");
    } finally {
      held = [];
      loading = null;
    }
  })();
  return loading;
}

// For what was just made here: a snapshot under way may be older than it.
export async function loadAgain() {
  if (loading) await loading.catch(() => {});
  return load();
}

async function fetchAll() {
  const found = await api("GET", "snapshot");
  store.number = found.number;
  store.bot = found.bot;
  store.people = new Map(found.people.map((person) => [person.id, person]));
  store.chats = new Map(found.chats.map((one) => [one.id, { ...one, messages: new Map(one.messages.map((message) => [message.message_id, message])) }]));
  store.mails = found.mails;
  store.phones = found.phones;
  if (!store.people.has(store.me)) {
    const ids = [...store.people.keys()];
    store.me = chooseFrom(ids, Number(recall("me")), ids[0]);
    store.chatId = store.me;
  }
  if (!store.chats.has(store.chatId)) store.chatId = store.me;
}

const handlers = {
  message({ chat_id, message }) {
    const one = store.chats.get(chat_id);
    if (!one) { reload(); return; }
    const isNew = !one.messages.has(message.message_id);
    one.messages.set(message.message_id, message);
    const fromBot = (message.from || {}).is_bot || message.by_bot;
    if (fromBot) { store.typing.delete(chat_id); tell("typing", chat_id); }
    if (isNew && fromBot && chat_id !== store.chatId) store.unread.set(chat_id, (store.unread.get(chat_id) || 0) + 1);
    if (one.bot_status === "left" && one.type === "private") one.bot_status = "member";
    tell("messages", { chat_id, isNew });
  },
  deleted({ chat_id, message_id }) {
    store.chats.get(chat_id)?.messages.delete(message_id);
    tell("messages", { chat_id });
  },
  keyboard({ chat_id, keyboard }) {
    const one = store.chats.get(chat_id);
    if (one) one.keyboard = keyboard;
    tell("keyboard", chat_id);
  },
  pinned({ chat_id, pinned }) {
    const one = store.chats.get(chat_id);
    if (one) one.pinned = pinned;
    tell("messages", { chat_id });
  },
  action({ chat_id, action }) {
    if (action === "cancel") store.typing.delete(chat_id);
    else store.typing.set(chat_id, { action, until: Date.now() + 5000 });
    tell("typing", chat_id);
    setTimeout(() => tell("typing", chat_id), 5050);
  },
  answer(answer) {
    store.answers.set(answer.query_id, answer);
    tell("answer", answer);
  },
  mail({ mail }) {
    store.mails.push(mail);
    tell("mail", mail);
  },
  async phones() {
    store.phones = await api("GET", "phones");
    tell("phones");
  },
};

let reloading = 0;
function reload() {
  clearTimeout(reloading);
  reloading = setTimeout(() => loadAgain().catch(() => {}), 80);
}

function apply(data) {
  if (data.type === "hello" || data.number <= store.number) return;
  const handler = handlers[data.type];
  if (handler) handler(data);
  else reload();
}

export function follow() {
  const source = new EventSource("/demo/api/events");
  source.onopen = () => { store.live = true; reload(); tell("live"); };
  source.onerror = () => { store.live = false; tell("live"); };
  source.onmessage = (event) => {
    const data = JSON.parse(event.data);
    if (loading) held.push(data);
    else apply(data);
  };
}
