// What is to be sent, kept in this browser until the server has answered: drafts of forms, and decisions in their order.
//
// One tab at a time sends, one thing after the other. A decision has a key, so that sent twice it is stored once. Only
// forms are kept here, never a text of the dataset. What becomes of them is told by events (outbox:…) on the document.
// Pages without a review load this file when something was left behind (static/keys.js).
"use strict";
const outbox = (() => {
  const PREFIX = "unsent ", LONGEST_WAIT = 15e3, LONGEST_PAUSE = 30;
  const MOST_KEPT_ALIVE = 60e3; // browsers let 64 KiB of requests outlive their page
  const memory = new Map(); // where the browser stores nothing
  const allowed = (access) => { try { return access(); } catch { return null; } };
  const stored = () => [...memory.keys(), ...(allowed(() => Object.keys(localStorage)) ?? [])].filter((key) => key.startsWith(PREFIX)).sort();

  const page = document.querySelector("#review");
  const REVIEWER = page?.dataset.reviewer ?? stored()[0]?.split(" ")[1];
  const DRAFT = `${PREFIX}${REVIEWER} draft `, STEP = `${PREFIX}${REVIEWER} step `;
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`outbox:${name}`, { detail }));

  // ---- kept

  const get = (key) => JSON.parse(memory.get(key) ?? allowed(() => localStorage.getItem(key)) ?? "null");

  function put(key, item) {
    const text = JSON.stringify(item);
    const isStored = allowed(() => { localStorage.setItem(key, text); return true; });
    isStored ? memory.delete(key) : memory.set(key, text);
  }

  function drop(key) {
    memory.delete(key);
    allowed(() => localStorage.removeItem(key));
  }

  const isRefused = (key) => Boolean(get(key)?.refused);
  const keysOf = (beginning) => stored().filter((key) => key.startsWith(beginning));
  const unsent = () => keysOf(STEP).filter((key) => !isRefused(key));
  const steps = () => unsent().filter((key) => isMine(key) || isOrphan(key));
  const nextKey = () => steps()[0] ?? keysOf(DRAFT).find((key) => !isRefused(key));

  // A tab sends its own steps; of another one only what that had the time to send, and did not.
  const PATIENCE = 3e3, TAB = tabName();
  const isMine = (key) => key.endsWith(TAB);
  const isOrphan = (key) => Date.now() - Number(key.slice(STEP.length).split(" ")[0]) >= PATIENCE;

  function tabName() {
    const name = allowed(() => sessionStorage.getItem("tab")) ?? String(Math.random()).slice(2);
    allowed(() => sessionStorage.setItem("tab", name));
    return name;
  }

  function keepStep(item) {
    const key = `${STEP}${Date.now()} ${item.key} ${TAB}`;
    put(key, { ...item, method: "POST" });
    return key;
  }

  // ---- sent: one after the other

  let sending = null, trouble = "", failures = 0, retry = 0;

  /** Resolves to whether everything is sent. */
  function send() {
    clearTimeout(retry);
    return (sending ??= sendAll().finally(() => {
      sending = null;
      if (!trouble && nextKey()) send();
      tell("changed");
    }));
  }

  async function sendAll() {
    for (let key; (key = nextKey()); ) {
      tell("changed");
      trouble = await alone(() => sendOne(key));
      if (trouble) {
        if (trouble !== "reviewer") sendLater();
        return false;
      }
    }
    failures = 0;
    if (unsent().length) retry = setTimeout(send, PATIENCE);
    tell("empty");
    return true;
  }

  /** What keeps everything from being sent; "" while nothing does. */
  const isStuck = () => trouble || (navigator.onLine === false ? "network" : "");

  function sendLater() {
    clearTimeout(retry);
    retry = setTimeout(send, 1e3 * Math.min(2 ** failures++, LONGEST_PAUSE));
  }

  /** Where a browser has no locks, two tabs may send the same: it is stored once even so. */
  const alone = (callback) => (navigator.locks ? navigator.locks.request(PREFIX + REVIEWER, callback) : callback());

  /** Returns what is in the way: nothing, the network, that one is signed out, or that somebody else reviews here now. */
  async function sendOne(key) {
    const item = get(key);
    if (!item || item.refused) return ""; // another tab was here
    let answer, said;
    try {
      answer = await ask(item);
      said = answer.ok && item.method === "POST" ? await answer.json() : null;
    } catch {
      return "network";
    }
    if (answer.status >= 500 || answer.status === 429) return "network";
    if (answer.status === 401) return "session";
    if (answer.status === 403) return "reviewer";
    if (!answer.ok) put(key, { ...item, refused: answer.status });
    else if (said || get(key)?.sequence === item.sequence) drop(key);
    else return ""; // typed on meanwhile
    if (answer.ok && item.method === "PUT") storeDraft(item);
    tell(answer.ok ? "stored" : "refused", { key, item, said });
    return "";
  }

  function ask({ url, method, fields }, headers = { Accept: "application/json" }) {
    const body = new URLSearchParams(fields), keepalive = String(body).length < MOST_KEPT_ALIVE;
    return fetch(url, { method, body, keepalive, headers: { ...headers, "X-Reviewer": REVIEWER }, signal: AbortSignal.timeout(LONGEST_WAIT) });
  }

  // ---- drafts: at once in the browser, within a second on the server

  const PAUSE = 400, LATEST = 1e3;
  let typing = 0, typedSince = 0, storedDraft = "";

  const fieldsOf = (form, submitter = null) => [...new FormData(form, submitter)].filter(([, value]) => typeof value === "string");
  const says = (fields) => JSON.stringify(fields.filter(([name]) => !["key", "seconds", "sequence"].includes(name)).sort());
  const nameOf = ({ entry, item }) => (item ? `${entry} ${item}` : entry); // a session's item has a draft of its own
  const draftOf = (page) => get(DRAFT + nameOf(page));
  const shown = () => document.querySelector("#entry")?.dataset ?? {};

  function change({ target }) {
    const form = target.closest("#review");
    if (!form || target.matches(".prefix")) return;
    keepDraft(form, shown());
    clearTimeout(typing);
    typedSince ||= Date.now();
    typing = setTimeout(sendDraft, Math.max(0, Math.min(PAUSE, typedSince + LATEST - Date.now())));
    tell("changed");
  }

  function keepDraft(form, page) {
    const sequence = Date.now(), fields = [...fieldsOf(form).filter(([name]) => name !== "key"), ["sequence", String(sequence)]];
    put(DRAFT + nameOf(page), { entry: page.entry, item: page.item, method: "PUT", url: `/entries/${page.entry}/draft`, sequence, fields });
    storedDraft = "";
    if (memory.size === 0) delete page.changed; // nothing is lost by leaving
  }

  function sendDraft() {
    clearTimeout(typing);
    typedSince = 0;
    send();
  }

  function storeDraft(item) {
    storedDraft = nameOf(item);
    if (nameOf(shown()) === storedDraft) delete shown().changed;
  }

  function dropDraft(page) {
    storedDraft = "";
    drop(DRAFT + nameOf(page));
  }

  /** Whether something was typed here that never reached the server; it is in the form again. */
  function bringBack(form, page) {
    const draft = draftOf(page), isThere = draft && says(draft.fields) === says(fieldsOf(form));
    storedDraft = isThere ? nameOf(page) : "";
    if (!draft && page.changed !== undefined) keepDraft(form, page);
    if (isThere || draft?.fields.find(([name]) => name === "stage")?.[1] !== page.stage) {
      if (draft) drop(DRAFT + nameOf(page));
      return false;
    }
    for (const input of [...form.elements].filter((input) => input.name && !["key", "stage", "action"].includes(input.name))) {
      const values = draft.fields.filter(([name]) => name === input.name).map(([, value]) => value);
      if (input.matches("[type=radio], [type=checkbox]")) input.checked = values.includes(input.value);
      else if (values.length) input.value = values[0];
    }
    return true;
  }

  // ---- listeners

  document.addEventListener("change", change);
  document.addEventListener("input", change);
  document.addEventListener("visibilitychange", sendDraft);
  addEventListener("pagehide", () => { // too late to wait for other tabs; sent again when the next page opens
    const draft = draftOf(shown());
    if (draft && !draft.refused) ask(draft).catch(() => {});
  });
  addEventListener("beforeunload", (event) => {
    if (nextKey() && (isStuck() || memory.size > 0)) event.preventDefault();
  });
  addEventListener("storage", ({ key, oldValue, newValue }) => { // another tab sent a step of this one
    if (key?.startsWith(STEP) && isMine(key) && newValue === null) tell("stored", { key, item: JSON.parse(oldValue), said: null });
    tell("changed");
  });
  addEventListener("online", () => {
    failures = 0;
    send();
  });
  addEventListener("offline", () => tell("changed"));
  if (stored().length && !page) {
    send().then((isAll) => { if (isAll) document.querySelector("#status").textContent = "What was left to save is saved now."; });
  }

  return {
    LONGEST_WAIT, allowed, ask, bringBack, draftOf, drop, dropDraft, fieldsOf, get, keepStep, nameOf, says, send, sendLater, steps,
    trouble: isStuck,
    refused: () => keysOf(STEP).filter(isRefused),
    isDraftStored: (page) => storedDraft === nameOf(page),
  };
})();
