// Turns notifications on and off for this browser. What it says stands in the page: each state is a part of it that is
// shown or hidden.
"use strict";

const page = document.querySelector("[data-push]");
const here = page.dataset.push;
const key = page.dataset.key;
const PATIENCE = 20000; // milliseconds: a browser that can't reach its push service may never say so

function show(state) {
  for (const part of document.querySelectorAll("[data-state]")) part.hidden = part.dataset.state !== state;
  page.dataset.now = state;
}

// An iPhone has push only for pages on its Home Screen.
const isApple = /iPhone|iPad/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);

function missing() {
  if (!window.isSecureContext) return "insecure";
  if ("serviceWorker" in navigator && "PushManager" in window && "Notification" in window) return "";
  return isApple && !navigator.standalone ? "home" : "unsupported";
}

async function fingerprint(endpoint) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 16);
}

async function listed(subscription) {
  const mine = await fingerprint(subscription.endpoint);
  return document.querySelector(`[data-fingerprint="${mine}"]`);
}

function bytes(text) {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

function inTime(promise) {
  const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error("no answer")), PATIENCE));
  return Promise.race([promise, late]);
}

async function tell(what, subscription) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${here}/${what}`, { method: "POST", headers, body: JSON.stringify(subscription) });
  if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
}

async function turnOn() {
  show("asking");
  const permission = await Notification.requestPermission();
  if (permission !== "granted") return show(permission === "denied" ? "denied" : "off");
  const worker = await navigator.serviceWorker.ready;
  const old = await worker.pushManager.getSubscription();
  if (old) await old.unsubscribe(); // it may have been made with another key
  const options = { userVisibleOnly: true, applicationServerKey: bytes(key) };
  await tell("subscribe", await inTime(worker.pushManager.subscribe(options)));
  location.replace(`${here}?done=on`);
}

async function turnOff() {
  const worker = await navigator.serviceWorker.ready;
  const subscription = await worker.pushManager.getSubscription();
  if (subscription) {
    await tell("unsubscribe", subscription);
    await subscription.unsubscribe();
  }
  location.replace(here);
}

function pressed(action) {
  return () => action().catch((error) => {
    document.querySelector("[data-error]").textContent = error.message;
    show("failed");
  });
}

async function start() {
  const without = missing();
  if (without) return show(without);
  if (Notification.permission === "denied") return show("denied");
  const worker = await navigator.serviceWorker.register("/push/worker.js");
  const subscription = await worker.pushManager.getSubscription();
  const row = subscription && (await listed(subscription));
  if (row) row.querySelector("[data-this]").hidden = false;
  show(row ? "on" : "off");
}

for (const button of document.querySelectorAll("[data-do=on]")) button.addEventListener("click", pressed(turnOn));
for (const button of document.querySelectorAll("[data-do=off]")) button.addEventListener("click", pressed(turnOff));
pressed(start)();
