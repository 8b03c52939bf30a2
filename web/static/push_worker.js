// Shows notifications while no page of ours is open. Its scope is /push/.
"use strict";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// core/providers/webpush.py makes the message: title, text, url, tag.
self.addEventListener("push", (event) => {
  const message = read(event.data);
  const options = { body: message.text || "", tag: message.tag || "", data: { url: message.url || "" } };
  event.waitUntil(self.registration.showNotification(message.title || "Postrider", options));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = event.notification.data && event.notification.data.url;
  if (url) event.waitUntil(self.clients.openWindow(url));
});

// A push service may give the browser another address at any time.
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

async function renew(event) {
  const old = event.oldSubscription;
  if (!old) return;
  const fresh = event.newSubscription || (await self.registration.pushManager.subscribe(old.options));
  await fetch("/push/renew", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ old: old.toJSON(), new: fresh.toJSON() }),
  });
}

function read(data) {
  if (!data) return {};
  try {
    return data.json();
  } catch {
    return { text: data.text() };
  }
}
