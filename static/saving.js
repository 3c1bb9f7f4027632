// Decisions on their way to the server, drafts of what is not decided yet, and the next pair before it is asked for.
//
// Whatever is to be sent is put into the browser's storage first and taken out when the server has answered. One tab at
// a time sends, one thing after the other; a decision has a key, so that sent twice it is stored once. Meanwhile the
// next pair is shown, which was fetched before. Without this file the forms are plain forms, and wait for their answer.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { one("#status").textContent = text; };
  if (!one("#review")) return;
  const REVIEWER = one("#review").dataset.reviewer;
  const shown = () => one("#entry")?.dataset ?? {};

  // ---- what is to be sent: forms alone, never a text of the dataset

  const DRAFT = `unsent ${REVIEWER} draft `, STEP = `unsent ${REVIEWER} step `;
  const memory = new Map(); // where the browser stores nothing
  const store = {
    get: (key) => JSON.parse(memory.get(key) ?? stored(() => localStorage.getItem(key)) ?? "null"),
    put(key, item) {
      const text = JSON.stringify(item);
      stored(() => { localStorage.setItem(key, text); return true; }) ? memory.delete(key) : memory.set(key, text);
    },
    remove(key) {
      memory.delete(key);
      stored(() => localStorage.removeItem(key));
    },
    keys: (beginning) => [...memory.keys(), ...(stored(() => Object.keys(localStorage)) ?? [])].filter((key) => key.startsWith(beginning)).sort(),
  };

  function stored(access) {
    try { return access(); } catch { return null; }
  }

  const isRefused = (key) => Boolean(store.get(key)?.refused);
  const steps = () => store.keys(STEP).filter((key) => !isRefused(key));
  const nextKey = () => steps()[0] ?? store.keys(DRAFT).find((key) => !isRefused(key));

  function fieldsOf(form, submitter = null) {
    return [...new FormData(form, submitter)].filter(([, value]) => typeof value === "string");
  }

  const valueOf = (fields, name) => fields.find(([other]) => other === name)?.[1] ?? "";
  const addressOf = (form) => form.getAttribute("action"); // its buttons are called "action" too

  // ---- sending

  const LONGEST_WAIT = 15e3, LONGEST_PAUSE = 30, MOST_KEPT_ALIVE = 60e3; // browsers let 64 KiB outlive their page
  let sending = null, trouble = "", failures = 0, retry = 0;

  /** Resolves to whether everything is sent. */
  function send() {
    clearTimeout(retry);
    return (sending ??= sendAll().finally(() => {
      sending = null;
      if (!trouble && nextKey()) send();
      tell();
    }));
  }

  async function sendAll() {
    for (let key; (key = nextKey()); ) {
      tell();
      trouble = await alone(() => sendOne(key));
      if (!trouble) continue;
      retry = setTimeout(send, 1e3 * Math.min(2 ** failures++, LONGEST_PAUSE));
      return false;
    }
    failures = 0;
    if (goal) go(goal);
    return true;
  }

  /** Two tabs do not send the same at the same time; where a browser has no locks, it would be stored once even so. */
  const alone = (callback) => (navigator.locks ? navigator.locks.request(`unsent ${REVIEWER}`, callback) : callback());

  /** Returns what is in the way: nothing, the network, or that somebody else signed in. */
  async function sendOne(key) {
    const item = store.get(key);
    if (!item || item.refused) return ""; // another tab was here
    let answer, said;
    try {
      answer = await ask(item);
      said = answer.ok && item.method === "POST" ? await answer.json() : null;
    } catch {
      return "network";
    }
    if (answer.status >= 500 || answer.status === 429) return "network";
    if (answer.status === 403) return "reviewer";
    if (!answer.ok) refuse(key, item, answer.status);
    else if (said) settle(key, item, said);
    else if (store.get(key)?.sequence === item.sequence) keptDraft(key, item);
    return "";
  }

  function ask({ url, method, fields }, accept = "application/json") {
    const body = new URLSearchParams(fields);
    return fetch(url, {
      method,
      body,
      headers: { Accept: accept, "X-Reviewer": REVIEWER, ...(accept === "text/html" && { "HX-Request-Type": "partial" }) },
      keepalive: String(body).length < MOST_KEPT_ALIVE,
      signal: AbortSignal.timeout(LONGEST_WAIT),
    });
  }

  let waiting = null; // the step whose answer decides where to go
  let done = null, decision = null; // what was stored last from here, and what undo takes back: null is as the page says

  function settle(key, item, { decision: step, next, revision }) {
    store.remove(key);
    done = item;
    if (step) {
      decision = String(step);
      count(1);
    }
    if (waiting?.key === key) goOn(next);
    else if (shown().entry === item.entry && Number(one("#review").elements.revision.value) < revision) refresh(item.entry);
  }

  function refuse(key, item, status) {
    store.put(key, { ...item, refused: status });
    forgetAhead();
    if (waiting?.key === key) show(key);
  }

  function goOn(next) {
    const { url } = waiting;
    waiting = null;
    go(next ?? url);
  }

  /** Back at an entry before its review was stored. */
  function refresh(entry) {
    if (!store.get(DRAFT + entry)) go(location.pathname + location.search);
  }

  const made = new Set(); // steps of this tab
  addEventListener("storage", ({ key, oldValue, newValue }) => { // another tab sent one of them
    if (made.has(key) && newValue === null) {
      done = JSON.parse(oldValue);
      decision = ""; // the latest one
      count(1);
      if (waiting?.key === key) goOn(shown().next || null);
    }
    tell();
  });
  addEventListener("online", () => {
    failures = 0;
    send();
  });
  addEventListener("offline", () => tell());

  // ---- drafts: at once in the browser, within a second on the server

  const PAUSE = 400, LATEST = 1e3;
  let typing = 0, typedSince = 0, draftKept = "";

  function changed({ target }) {
    const form = target.closest("#review");
    if (!form || target.matches(".prefix")) return;
    keepDraft(form);
    clearTimeout(typing);
    typedSince ||= Date.now();
    typing = setTimeout(sendDraft, Math.max(0, Math.min(PAUSE, typedSince + LATEST - Date.now())));
  }
  document.addEventListener("change", changed);
  document.addEventListener("input", changed);

  function keepDraft(form) {
    const { entry } = shown(), sequence = Date.now();
    const fields = [...fieldsOf(form).filter(([name]) => name !== "key"), ["sequence", String(sequence)]];
    store.put(DRAFT + entry, { method: "PUT", url: `/entries/${entry}/draft`, entry, sequence, fields });
    draftKept = "";
    if (!memory.size) delete shown().changed; // nothing is lost by leaving
  }

  function sendDraft() {
    clearTimeout(typing);
    typedSince = 0;
    return send();
  }

  function keptDraft(key, { entry }) {
    store.remove(key);
    draftKept = entry;
  }

  function dropDraft(entry) {
    clearTimeout(typing);
    typedSince = 0;
    draftKept = "";
    store.remove(DRAFT + entry);
  }

  const said = (fields) => JSON.stringify(fields.filter(([name]) => !["key", "seconds", "sequence"].includes(name)).sort());

  /** What was typed here and never reached the server. */
  function bringBack() {
    const form = one("#review"), { entry, stage, changed: isChanged } = shown(), draft = form && store.get(DRAFT + entry);
    if (!draft) return form && isChanged !== undefined && keepDraft(form);
    if (valueOf(draft.fields, "stage") !== stage || said(draft.fields) === said(fieldsOf(form))) return store.remove(DRAFT + entry);
    for (const input of [...form.elements].filter((input) => input.name && !["key", "stage", "action"].includes(input.name))) {
      const values = draft.fields.filter(([name]) => name === input.name).map(([, value]) => value);
      if (input.matches("[type=radio], [type=checkbox]")) input.checked = values.includes(input.value);
      else if (values.length) input.value = values[0];
    }
    say("What you had not saved yet is back.");
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return void sendDraft();
    forgetAhead(); // settings may have been changed in another tab
    lookAhead();
    send();
  });
  addEventListener("pagehide", () => { // too late to wait for a lock; sent again when the next page opens
    const draft = store.get(DRAFT + shown().entry);
    if (draft && !draft.refused) ask(draft).catch(() => {});
  });
  addEventListener("beforeunload", (event) => {
    const isStuck = Boolean(trouble) || navigator.onLine === false || memory.size > 0;
    if (isStuck && nextKey()) event.preventDefault();
  });

  // ---- the next pair, fetched before it is asked for

  const AHEAD = 2, FRESH = 5 * 60e3;
  const ahead = new Map(); // by address
  let round = 0, isLooking = false;
  const idle = (callback) => (globalThis.requestIdleCallback ? requestIdleCallback(callback, { timeout: 500 }) : setTimeout(callback, 50));

  function missing() {
    for (let url = shown().next, far = 0; url && far < AHEAD; far++) {
      if (!ahead.has(url)) return url;
      url = ahead.get(url).entry.dataset.next;
    }
    return "";
  }

  function lookAhead() {
    if (!isLooking && one("#review") && !document.hidden) idle(fetchAhead);
  }

  async function fetchAhead() {
    if (isLooking) return;
    isLooking = true;
    try {
      for (let url; (url = missing()); ) {
        const asked = round, entry = await fetchEntry(url, "low");
        if (asked === round) ahead.set(url, { entry, at: Date.now() });
      }
    } catch { /* without network the next pair is asked for when it is needed */ } finally {
      isLooking = false;
    }
  }

  async function fetchEntry(url, priority = "high") {
    const answer = await fetch(url, { headers: { "HX-Request-Type": "partial" }, priority, signal: AbortSignal.timeout(LONGEST_WAIT) });
    const entry = answer.ok && parse(await answer.text());
    if (!entry) throw new Error(`no entry: ${answer.status}`);
    return entry;
  }

  const parse = (html) => one("#entry", Object.assign(document.createElement("template"), { innerHTML: html }).content);

  function takeAhead(url) {
    const found = ahead.get(url);
    ahead.delete(url);
    return found && Date.now() - found.at < FRESH ? found.entry : null;
  }

  function forgetAhead() {
    ahead.clear();
    round++;
  }

  // ---- going on

  let goal = "", isOurs = false;

  /** Shows an entry that is here; keys.js then does what it does after every swap. */
  function put(entry, url) {
    const address = new URL(url, location.href);
    entry = document.adoptNode(entry);
    if (!history.state?.htmx) history.replaceState({ ...history.state, htmx: true }, "");
    const isSame = address.pathname === location.pathname && address.search === location.search;
    history[isSame ? "replaceState" : "pushState"]({ htmx: true }, "", address);
    goal = "";
    isOurs = true;
    one("#entry").replaceWith(entry);
    htmx.process(entry);
    document.dispatchEvent(new Event("review:put"));
    isOurs = false;
  }

  async function go(url) {
    goal = url;
    try {
      const entry = takeAhead(url) ?? (await fetchEntry(url));
      if (goal === url) put(entry, url);
    } catch {
      if (goal !== url) return;
      one("#review").removeAttribute("aria-busy");
      one("#notice").textContent = "✕ The server did not answer. What you did is kept; the page goes on when the network is back.";
      clearTimeout(retry);
      retry = setTimeout(send, 1e3 * Math.min(2 ** failures++, LONGEST_PAUSE));
    }
  }

  /** What the server refused: its page about it, with what was typed. */
  async function show(key) {
    const item = store.get(key), place = `/entries/${item.entry}${new URL(item.url, location.href).search}`;
    waiting = null;
    let answer, text;
    try {
      answer = await ask(item, "text/html");
      text = await answer.text();
    } catch {
      return tell();
    }
    store.remove(key);
    const entry = parse(text);
    if (entry) put(entry, answer.redirected ? answer.url : place);
    else one("#notice").replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
    tell();
  }

  // ---- the forms

  document.addEventListener("submit", (event) => {
    const form = event.target, submitter = event.submitter, act = { review: decide, skip: decide, undo }[form.id];
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (submitter?.formAction.includes("/draft/discard")) discard(submitter.getAttribute("formaction"));
    else act(form, submitter);
  }, true);
  document.addEventListener("click", (event) => { // the second half of a double click is about no other pair
    if (event.detail > 1 && event.target.closest?.(".dock button:not([type=button])")) event.preventDefault();
  }, true);

  function decide(form, submitter) {
    const { entry, next } = shown(), url = addressOf(form), fields = fieldsOf(form, submitter);
    const item = { method: "POST", url, entry, form: form.id, fields };
    if (waiting && said(store.get(waiting.key)?.fields ?? []) === said(fields)) return send();
    replaceEarlier(item);
    const key = `${STEP}${Date.now()} ${valueOf(fields, "key")}`;
    store.put(key, item);
    made.add(key);
    dropDraft(entry);
    done = null;
    const ready = (form.id === "skip" || goesOn(form, submitter)) && takeAhead(next);
    waiting = ready ? null : { key, url: `/entries/${entry}${new URL(url, location.href).search}` };
    if (ready) put(ready, next);
    else {
      form.setAttribute("aria-busy", "true"); // keys rest, but not for long
      setTimeout(() => form.removeAttribute("aria-busy"), 1e3);
    }
    send();
  }

  /** Sent again with other answers, before the first ones arrived: only the latter count, and they are another form. */
  function replaceEarlier(item) {
    for (const key of steps().filter((key) => store.get(key).entry === item.entry)) {
      store.remove(key);
      item.fields = item.fields.map(([name, value]) => [name, name === "key" ? `${value.slice(0, 40)}.${Date.now()}` : value]);
    }
  }

  /** Whether the server will surely take it, so that nobody has to wait for it; what it refuses even so is told later. */
  function goesOn(form, submitter) {
    const action = submitter?.value ?? "save", { stage } = shown();
    if (!["save", "rest"].includes(action) || !["open", "revealed"].includes(stage)) return false;
    const fields = all("fieldset.field", form), verdict = (field) => one(".answer .seg input:checked", field)?.value;
    if (stage === "revealed" && action === "save" && fields.some((field) => !("settled" in field.dataset) && !verdict(field))) return false;
    const isSaid = fields.some((field) => verdict(field) || (action === "rest" && one("[value=agree]", field)));
    const isRemark = form.elements.comment.value.trim() || one("[name=flag]:checked:not([value=''])", form);
    const isWhole = fields.every((field) => stage === "revealed" || verdict(field) !== "disagree" || isCorrected(field));
    return Boolean(isSaid || isRemark) && isWhole;
  }

  function isCorrected(field) {
    const ticked = all(".fix :checked", field).map((input) => input.value);
    if (field.dataset.kind === "categories") return ticked.sort().join(" ") !== (field.dataset.stored ?? "").split(" ").sort().join(" ");
    return ticked.length > 0 || !one(".fix .instead", field) || (field.dataset.kind === "side" && field.dataset.stored !== "");
  }

  async function discard(url) {
    dropDraft(shown().entry);
    await send(); // a draft that is on its way would come back
    try {
      const answer = await ask({ url, method: "POST", fields: [] }, "text/html");
      put(parse(await answer.text()), answer.url);
    } catch {
      one("#notice").textContent = "✕ The server did not answer; try again.";
    }
  }

  // ---- undo, one after the other, each after everything before it is stored

  let undos = 0, isUndoing = false;

  async function undo() {
    undos++;
    if (isUndoing) return;
    isUndoing = true;
    try {
      for (; undos > 0; undos--) {
        if (!(await send())) throw new Error("Not undone: something is not saved yet, and the server does not answer.");
        await undoLatest();
      }
    } catch (error) {
      one("#notice").textContent = `✕ ${error.message}`;
      say(error.message);
    }
    undos = 0;
    isUndoing = false;
  }

  async function undoLatest() {
    const form = one("#undo"), fields = fieldsOf(form).map(([name, value]) => [name, name === "decision" ? (decision ?? value) : value]);
    const answer = await ask({ url: addressOf(form), method: "POST", fields }).catch(() => {
      throw new Error("Not undone: the server did not answer.");
    });
    if (answer.status === 404) throw new Error("There is nothing of yours left to undo.");
    if (!answer.ok) throw new Error("Not undone: it was changed since.");
    const { entry, url } = await answer.json();
    if (entry === null) return location.assign(url); // a list, of which many were changed
    decision = null;
    done = { form: "undo" };
    count(-1);
    forgetAhead();
    const address = new URL(url, location.href);
    address.searchParams.delete("undone");
    await go(address.pathname + address.search);
  }

  // ---- what is told of all this

  const WHY = { 404: "it is no longer there", 409: "it was changed elsewhere", 422: "something is missing in it" };
  const DONE = { review: "✓ saved entry ", skip: "↷ skipped entry ", undo: "↶ undone" };

  function tell() {
    const place = one("#saving");
    if (!place) return;
    const number = steps().length, undoable = one("#undo").elements.decision.value, refused = store.keys(STEP).find(isRefused), isDraft = Boolean(store.get(DRAFT + shown().entry));
    const isStuck = Boolean(trouble) || navigator.onLine === false;
    one("button[form=undo]").hidden = !(undoable || number || decision !== null);
    if (refused) {
      const { entry, refused: status } = store.get(refused);
      const more = store.keys(STEP).filter(isRefused).length - 1;
      write(place, "refused", `✕ entry ${entry} was not saved: ${WHY[status] ?? `the server refused it (${status})`}${more ? `, and ${more} more` : ""}. `, refused);
    } else if (isStuck && (number || isDraft)) {
      const why = trouble === "reviewer" ? "you are somebody else here now" : "offline";
      write(place, "offline", `⚠ not saved yet: ${why}, kept here${number ? ` (${number})` : ""}`);
    } else if (number) write(place, "saving", "saving …");
    else if (isDraft) write(place, "saving", "saving the draft …");
    else if (draftKept === shown().entry) write(place, "draft", "draft saved");
    else if (done) write(place, "saved", DONE[done.form] + (done.entry ?? ""));
    else write(place, "", "");
  }

  function write(place, state, words, refused) {
    if (place.dataset.words === words) return;
    Object.assign(place.dataset, { state, words });
    place.classList.toggle("saved", state === "saved");
    place.textContent = words;
    for (const other of all(".dock .saved")) if (other !== place && words) other.remove();
    if (!refused) return;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Show" });
    button.addEventListener("click", () => show(refused));
    place.append(button);
  }

  // ---- the pace: time in which somebody is there and does something

  const STILL = 60e3, LONGEST_TICK = 2e3, FEWEST = 3;
  let active = 0, base = 0, stirred = 0, ticked = 0;
  let tally = { steps: 0, seconds: 0 };
  tally = JSON.parse(stored(() => sessionStorage.getItem("pace")) ?? "null") ?? tally;

  function count(steps, seconds = 0) {
    tally = { steps: Math.max(0, tally.steps + steps), seconds: tally.seconds + seconds };
    stored(() => sessionStorage.setItem("pace", JSON.stringify(tally)));
  }

  function tick() {
    const now = performance.now(), since = Math.min(now - ticked, LONGEST_TICK);
    ticked = now;
    if (document.hidden || now - stirred > STILL || !one("#review")) return;
    active += since / 1e3;
    count(0, since / 1e3);
    const seconds = base + Math.round(active), place = one("#pace"), hourly = Math.round((tally.steps * 3600) / tally.seconds);
    one("#review").elements.seconds.value = seconds;
    const minutes = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    place.textContent = `${minutes} on this entry${tally.steps >= FEWEST ? ` · ${hourly} an hour` : ""}`;
  }
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "scroll"]) {
    document.addEventListener(kind, () => { stirred = performance.now(); }, { passive: true, capture: true });
  }
  setInterval(tick, 1e3);

  // ---- an entry arrives, whoever put it there

  function arrive() {
    if (!isOurs) {
      forgetAhead();
      waiting = null;
      goal = "";
    }
    draftKept = "";
    const form = one("#review");
    if (!form) return;
    bringBack();
    base = Number(form.elements.seconds.value);
    active = 0;
    stirred = ticked = performance.now();
    tell();
    lookAhead();
  }
  document.addEventListener("review:arrived", arrive);
  arrive();
  send();
})();
