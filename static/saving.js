// Decisions behind the next pair, drafts of what is not decided yet, and undo.
//
// A decision goes into the outbox, and the next pair is shown at once if it was fetched before and the server will surely
// take what was decided; else the answer says where to go. Without this file the forms are plain forms.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { one("#status").textContent = text; };
  if (!one("#review")) return;
  const shown = () => one("#entry")?.dataset ?? {};

  const { fieldsOf, nameOf, says } = outbox;
  const addressOf = (form) => form.getAttribute("action"); // its buttons are called "action" too
  const placeOf = ({ entry, url }) => `/entries/${entry}${new URL(url, location.href).search}`;
  const SIGNED_OUT = "You are signed out. Sign in again in another tab and go on: nothing is lost.";
  const SILENT = "The server did not answer";
  const hasFailed = (words) => { one("#notice").textContent = `✕ ${words}`; };

  // ---- what became of what was sent

  let waiting = ""; // the key of the step whose answer decides where to go
  let done = null, decision = null; // what was stored last from here, and what undo takes back: null is as the page says

  document.addEventListener("outbox:stored", ({ detail: { key, item, said } }) => {
    if (item.method === "POST") settle(key, item, said);
  });

  /** Without `said` another tab has sent it. */
  function settle(key, item, said) {
    done = item;
    if (!said || said.decision) {
      decision = said ? String(said.decision) : ""; // the latest one
      count(1);
    }
    if (waiting === key) go((said ? said.next : shown().next) || placeOf(item));
    else if (nameOf(shown()) === nameOf(item) && isOlder(said) && !outbox.draftOf(item)) go(location.pathname + location.search);
  }

  const isOlder = (said) => Number(one("#review").elements.revision.value) < said?.revision; // one went back before it was stored

  document.addEventListener("outbox:refused", ({ detail: { key } }) => {
    forgetAhead();
    if (waiting === key) show(key);
  });
  document.addEventListener("outbox:empty", () => { if (goal) go(goal); });
  document.addEventListener("outbox:changed", tell);

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    forgetAhead(); // settings may have been changed in another tab
    lookAhead();
  });

  // ---- the next pair, fetched before it is asked for

  const AHEAD = 2, FRESH = 5 * 60e3;
  const ahead = new Map(); // by address
  let round = 0, isLooking = false;
  const idle = globalThis.requestIdleCallback ?? ((callback) => setTimeout(callback, 50)); // Safari has none

  function missing() {
    for (let url = shown().next, far = 0; url && far < AHEAD; far++) {
      if (!ahead.has(url)) return url;
      url = ahead.get(url).entry.dataset.next;
    }
    return "";
  }

  function lookAhead() {
    if (!isLooking && one("#review") && !document.hidden) idle(fetchAhead, { timeout: 500 });
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
    const answer = await fetch(url, { headers: { "HX-Request-Type": "partial" }, priority, signal: AbortSignal.timeout(outbox.LONGEST_WAIT) });
    refuseSignedOut(answer);
    const entry = answer.ok && parse(await answer.text());
    if (!entry) throw new Error(`no entry: ${answer.status}`);
    return entry;
  }

  /** Who is signed out is sent to the page for that, which is not to take the place of what was typed. */
  function refuseSignedOut(answer) {
    if (answer.status === 401 || answer.headers.has("HX-Redirect")) throw new Error(SIGNED_OUT);
  }

  const whyNot = (error, words) => (error.message === SIGNED_OUT ? SIGNED_OUT : words);

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
    waiting = "";
    if (!new URL(url, location.href).pathname.startsWith("/entries/")) return location.assign(url); // a session's end
    goal = url;
    try {
      const entry = takeAhead(url) ?? (await fetchEntry(url));
      if (goal === url) put(entry, url);
    } catch (error) {
      if (goal !== url) return;
      hasFailed(whyNot(error, `${SILENT}. What you did is kept, and the page goes on by itself when the network is back.`));
      outbox.sendLater();
    }
  }

  /** What the server refused: its page about it, with what was typed. */
  async function show(key) {
    const item = outbox.get(key);
    waiting = "";
    try {
      const { entry, other, address } = await post(item);
      if (entry) put(entry, address ?? placeOf(item));
      else one("#notice").replaceChildren(...other);
      outbox.drop(key);
    } catch (error) {
      hasFailed(whyNot(error, `${SILENT}; try again.`));
    }
    tell();
  }

  /** As a plain form, for the page that answers; `address` is where it led. */
  async function post(item) {
    const answer = await outbox.ask(item, { Accept: "text/html", "HX-Request-Type": "partial" });
    refuseSignedOut(answer);
    const html = await answer.text();
    const other = new DOMParser().parseFromString(html, "text/html").body.childNodes;
    return { entry: parse(html), other, address: answer.redirected ? answer.url : null };
  }

  // ---- the forms

  const LONGEST_REST = 1e3;

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
    tick();
    const page = { ...shown() }, { entry, item: of, next } = page, fields = fieldsOf(form, submitter);
    const item = { url: addressOf(form), entry, item: of, form: form.id, fields };
    if (waiting && says(outbox.get(waiting)?.fields ?? []) === says(fields)) return outbox.send();
    replaceEarlier(item);
    const key = outbox.keepStep({ ...item, key: form.elements.key.value });
    outbox.dropDraft(page);
    done = null;
    const ready = (form.id === "skip" || goesOn(form, submitter)) && takeAhead(next);
    waiting = ready ? "" : key;
    if (ready) put(ready, next);
    else {
      form.ariaBusy = "true"; // keys wait for the answer, but not for long
      setTimeout(() => { form.ariaBusy = null; }, LONGEST_REST);
    }
    outbox.send();
  }

  /** Sent again with other answers, before the first ones arrived: only the latter count, and they are another form. */
  function replaceEarlier(item) {
    for (const key of outbox.steps().filter((key) => nameOf(outbox.get(key)) === nameOf(item))) {
      outbox.drop(key);
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
    outbox.dropDraft(shown());
    await outbox.send(); // a draft that is on its way would come back
    try {
      const { entry, address } = await post({ url, method: "POST", fields: [] });
      put(entry, address);
    } catch (error) {
      hasFailed(whyNot(error, `${SILENT}; try again.`));
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
        if (!(await outbox.send())) throw new Error("Not undone: something is not saved yet, and the server does not answer.");
        await undoLatest();
      }
    } catch (error) {
      hasFailed(error.message);
      say(error.message);
    }
    undos = 0;
    isUndoing = false;
  }

  async function undoLatest() {
    const form = one("#undo"), fields = fieldsOf(form).map(([name, value]) => [name, name === "decision" ? (decision ?? value) : value]);
    const answer = await outbox.ask({ url: addressOf(form), method: "POST", fields }).catch(() => {
      throw new Error("Not undone: the server did not answer.");
    });
    refuseSignedOut(answer);
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
    const place = one("#saving"), trouble = outbox.trouble();
    if (!place) return;
    if (trouble) one("#review").ariaBusy = null;
    const number = outbox.steps().length, isDraft = Boolean(outbox.draftOf(shown()));
    one("button[form=undo]").hidden = !(number || decision !== null || one("#undo").elements.decision.value);
    const [refused, ...others] = outbox.refused();
    if (refused) {
      const { entry, refused: status } = outbox.get(refused), why = WHY[status] ?? `the server refused it (${status})`;
      write(place, "refused", `✕ entry ${entry} was not saved: ${why}${others.length ? `, and ${others.length} more` : ""}. `, showButton(refused));
    } else if (trouble === "session" && (number || isDraft)) write(place, "offline", `⚠ not saved yet. ${SIGNED_OUT} `, signInLink());
    else if (trouble && (number || isDraft)) {
      const why = trouble === "reviewer" ? "you are somebody else here now" : "offline";
      write(place, "offline", `⚠ not saved yet: ${why}, kept here${number ? ` (${number})` : ""}`);
    } else if (number) write(place, "saving", "saving …");
    else if (isDraft) write(place, "saving", "saving the draft …");
    else if (outbox.isDraftStored(shown())) write(place, "draft", "draft saved");
    else if (done) write(place, "saved", DONE[done.form] + (done.entry ?? ""));
    else write(place, "", "");
  }

  function write(place, state, words, act) {
    if (place.dataset.words === words) return;
    Object.assign(place.dataset, { state, words });
    place.classList.toggle("saved", state === "saved");
    place.textContent = words;
    for (const other of all(".dock .saved")) if (other !== place && words) other.remove();
    if (act) place.append(act);
  }

  function showButton(refused) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Show", ariaLabel: `Show entry ${outbox.get(refused).entry}` });
    button.addEventListener("click", () => show(refused));
    return button;
  }

  const signInLink = () => Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", textContent: "Sign in" });

  // ---- the pace: time in which somebody is there and does something

  const STILL = 60e3, LONGEST_TICK = 2e3, SHORTEST = 60; // a pace of less than a minute would be a guess
  let active = 0, base = 0, stirred = 0, ticked = 0;
  let tally = JSON.parse(outbox.allowed(() => sessionStorage.getItem("pace")) ?? "null") ?? { steps: 0, seconds: 0 };

  function count(steps, seconds = 0) {
    tally = { steps: Math.max(0, tally.steps + steps), seconds: tally.seconds + seconds };
    outbox.allowed(() => sessionStorage.setItem("pace", JSON.stringify(tally)));
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
    place.textContent = `${minutes} on this entry${tally.steps && tally.seconds >= SHORTEST ? ` · ${hourly} an hour` : ""}`;
  }
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel", "scroll"]) {
    document.addEventListener(kind, () => { stirred = performance.now(); }, { passive: true, capture: true });
  }
  setInterval(tick, 1e3);

  // ---- an entry arrives, whoever put it there

  function arrive() {
    if (!isOurs) {
      forgetAhead();
      waiting = goal = "";
    }
    const form = one("#review");
    if (!form) return;
    if (outbox.bringBack(form, shown())) say("What you had not saved yet is back.");
    base = Number(form.elements.seconds.value);
    active = 0;
    stirred = ticked = performance.now();
    tick();
    tell();
    lookAhead();
    outbox.send();
  }
  document.addEventListener("review:arrived", arrive);
  arrive();
})();
