/* Partner Relay: <script src="https://HOST/embed.js" data-form="enquiry" data-lang="de"></script> */
(() => {
	"use strict";
	const tag = document.currentScript || document.querySelector("script[data-form]");
	const id = encodeURIComponent(tag.dataset.form), origin = new URL(tag.src).origin, api = `${origin}/v1/forms/${id}`;
	let lang = encodeURIComponent(tag.dataset.lang || document.documentElement.lang || navigator.language);
	const hosted = `${origin}/f/${id}?lang=${lang}`;
	const esc = text => String(text ?? "").replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);
	let def, w, values, cover, proof, step = 1, busy = false, answered = false;

	// Where from: paths only, twenty pages, this tab.
	let from = { source: tag.dataset.source || location.hostname, referrer: document.referrer.split(/[?#]/)[0], utm: {}, pages: [] };
	try { from = JSON.parse(sessionStorage.partnerRelay); } catch {}
	from.pages = [...from.pages.filter(page => page !== location.pathname), location.pathname].slice(-20);
	for (const [k, v] of new URLSearchParams(location.search)) if (k.startsWith("utm_")) from.utm[k.slice(4)] = v;
	try { sessionStorage.partnerRelay = JSON.stringify(from); } catch {}

	const host = document.createElement("div"), root = host.attachShadow({ mode: "open" }), box = document.createElement("div");
	const at = name => root.getElementById("f-" + name);
	const urgent = () => step === 1 && !!def.emergency?.urgencies.includes(values.urgency);
	const last = () => step === 2 || urgent();
	const fields = () => urgent() ? [...def.steps[0].fields.filter(f => !f.later), ...def.emergency.fields] : def.steps[step - 1].fields;

	function field(f) {
		const key = esc("f-" + f.name), name = esc(f.name), value = values[f.name];
		const label = esc(f.label) + (f.required ? "" : ` <small>${esc(w.optional)}</small>`);
		const error = `<p class="error" id="${key}-e"></p>`;
		const common = `id="${key}" name="${name}" aria-describedby="${f.hint ? key + "-h " : ""}${key}-e" aria-required="${!!f.required}"`
			+ ` autocomplete="${esc(f.autocomplete || "off")}" inputmode="${esc(f.inputmode)}" maxlength="${f.longest || 200}"`;
		const options = (f.options || []).map(o => f.kind === "select"
			? `<option value="${esc(o.id)}"${o.id === value ? " selected" : ""}>${esc(o.label)}</option>`
			: `<label class="pick"><input type="${f.kind === "boxes" ? "checkbox" : "radio"}" name="${name}" value="${esc(o.id)}"${(value || "").split("|").includes(o.id) ? " checked" : ""}><span>${esc(o.label)}</span></label>`).join("");
		if (f.kind === "cards" || f.kind === "boxes") return `<fieldset class="field" id="${key}" aria-describedby="${key}-e"><legend>${label}</legend>${error}${options}</fieldset>`;
		const input = f.kind === "select" ? `<select ${common}><option value="">${esc(w.choose)}</option>${options}</select>`
			: f.kind === "area" ? `<textarea ${common} rows="3">${esc(value)}</textarea>`
			: `<input ${common} type="${f.kind === "number" ? "text" : esc(f.kind)}" value="${esc(value)}">`;
		return `<div class="field"><label for="${key}">${label}</label>${f.hint ? `<p class="hint" id="${key}-h">${esc(f.hint)}</p>` : ""}${error}${input}</div>`;
	}

	function draw(focus) {
		const two = step === 2, now = urgent(), e = def.emergency, more = fields().filter(f => f.more);
		const call = cover?.hotline ? `<p>${esc(cover.hotline_text)} <a href="${esc(cover.hotline_url)}">${esc(cover.hotline)}</a></p>` : "";
		const others = two ? "" : def.languages.filter(l => l.id !== def.language).map(l => `<button class="quiet" lang="${esc(l.id)}">${esc(l.label)}</button>`).join("");
		box.innerHTML = `${others ? `<nav aria-label="${esc(w.language)}">${others}</nav>` : ""}<h2 tabindex="-1">${esc(two ? w.step_two : def.title)}</h2>${two || now ? "" : `<p>${esc(def.intro)}</p>`}
			${now ? e.hotline ? `<div class="cover hot"><strong>${esc(w.hotline)}</strong> <small>${esc(e.hours)}</small><a href="${esc(e.hotline_url)}">${esc(e.call)}</a></div>` : ""
				: `<p class="hint">${step}/2: ${esc(two ? def.title : w.step_one)}</p>`}
			<div id="f-problems" class="cover" role="alert" tabindex="-1"></div>
			${two && cover ? `<div class="cover" role="status"><strong>${esc(cover.title)}</strong><p>${esc(cover.text)}</p>${call}</div>` : ""}
			<form novalidate><div class="trap" aria-hidden="true"><input name="${esc(def.honeypot)}" tabindex="-1" autocomplete="off"></div>
			${fields().filter(f => !f.more).map(field).join("")}
			${more.length ? `<details><summary>${esc(two ? w.more : w.no_postcode)}</summary>${more.map(field).join("")}</details>` : ""}
			${last() ? `<div class="field"><p class="error" id="f-consent-e"></p><label class="pick"><input type="checkbox" id="f-consent"
				name="consent" value="${esc(def.consent.version)}" aria-describedby="f-consent-e"${values.consent ? " checked" : ""}><span>${esc(def.consent.text)}</span></label>
				${def.brand.privacy_url ? `<p class="hint"><a href="${esc(def.brand.privacy_url)}" target="_blank" rel="noreferrer">${esc(w.privacy)}</a></p>` : ""}</div>` : ""}
			<button type="submit">${esc(last() ? w.send : w.next)}</button>
			${two ? `<button type="button" class="quiet back">${esc(w.back)}</button>` : ""}${now ? `<p class="hint">${esc(e.later)}</p>` : ""}</form>`;
		const form = box.querySelector("form");
		form.oninput = ({ target: t }) => {
			values[t.name] = t.type === "checkbox" ? [...form.querySelectorAll(`[name="${t.name}"]:checked`)].map(b => b.value).join("|") : t.value;
			if (urgent() !== now) {
				draw();
				const chosen = at(t.name);
				return (chosen.querySelector("input:checked") || chosen).focus();
			}
			if (t.closest(".wrong")) check(t.name);
		};
		form.onchange = e => { left = e.target.name; look(); };
		form.onsubmit = e => { e.preventDefault(); if (!busy) submit(); };
		if (two) box.querySelector(".back").onclick = () => { step = 1; draw(true); };
		for (const b of box.querySelectorAll("nav button")) b.onclick = () => { lang = b.lang; fetchForm().then(() => draw(true)).catch(() => {}); };
		at("problems").onclick = e => {
			const a = e.target.closest("[data-to]");
			if (a) { e.preventDefault(); focusOn(a.dataset.to); }
		};
		if (focus) box.querySelector("h2").focus();
	}

	// What is being pressed must not move.
	let pressed, left;
	const look = () => setTimeout(() => { if (!pressed && left) left = void check(left); });
	box.onpointerdown = () => { pressed = true; };
	for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => { pressed = false; look(); });

	function mark(name, text) {
		const input = at(name), note = at(name + "-e");
		if (!note) return;
		note.textContent = text;
		input.setAttribute("aria-invalid", !!text);
		input.closest(".field").classList.toggle("wrong", !!text);
	}
	function check(name) {
		const f = find(name), value = (values[name] || "").trim();
		if (!f) return "";
		const instead = f.instead && (values[f.instead] || "").trim(), rule = f.checks?.[""] || f.checks?.[values.country];
		const text = f.required && !value && !instead ? f.missing : rule && value && !new RegExp(`^(?:${rule[0]})$`, "u").test(value) ? rule[1] : "";
		mark(name, text);
		return text;
	}
	const find = name => name === "consent" ? def.consent : fields().find(f => f.name === name);
	function summarise(list) {
		const place = name => [...fields().map(f => f.name), "consent", name].indexOf(name), label = name => find(name).label.replace(/[^?.!:]$/, "$&:");
		list.forEach(each => mark(...each));
		list.sort((a, b) => place(a[0]) - place(b[0]));
		at("problems").innerHTML = `<strong>${esc(list.length > 1 ? w.problems.replace("2", list.length) : w.problem)}</strong><ul>${list.map(([name, text]) =>
			`<li>${find(name) ? `<a href="#f-${esc(name)}" data-to="${esc(name)}"><b>${esc(label(name))}</b> ${esc(text)}</a>` : esc(text)}</li>`).join("")}</ul>`;
		at("problems").focus();
	}
	function focusOn(name) {
		const e = at(name);
		e?.closest("details")?.setAttribute("open", "");
		(e?.querySelector("input") || e)?.focus();
	}
	function wrong(errors) {
		const names = errors.map(e => e.field.split(".").pop());
		if (step === 2 && !names.some(n => at(n)) && names.some(n => def.steps[0].fields.some(f => f.name === n))) { step = 1; draw(); }
		summarise(errors.map((e, i) => [names[i], e.message]));
	}
	function wait(on) {
		busy = on;
		const button = box.querySelector("[type=submit]");
		button.toggleAttribute("aria-busy", on);
		button.textContent = on ? w.sending : last() ? w.send : w.next;
	}
	const call = async (url, options) => {
		const reply = await fetch(url, options);
		answered = true;
		return { ok: reply.ok, body: await reply.json() };
	};

	// In a flood the form comes with a task (ALTCHA), solved while it is filled in: nothing to see, nothing to click.
	const hex = bytes => [...new Uint8Array(bytes)].map(b => b.toString(16).padStart(2, "0")).join("");
	async function solve({ maxnumber, ...task }) {
		for (let from = 0; from <= maxnumber; from += 200) {
			const tries = Array.from({ length: 200 }, (_, i) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(task.salt + (from + i))));
			const at = (await Promise.all(tries)).map(hex).indexOf(task.challenge);
			if (at >= 0) return btoa(JSON.stringify({ ...task, number: from + at }));
		}
	}
	// What a form carries is good for one enquiry.
	async function fetchForm() {
		def = (await call(`${api}?lang=${lang}`)).body;
		w = def.words;
		host.lang = def.language;
		proof = def.challenge && crypto.subtle && solve(def.challenge).catch(() => {});
	}

	async function submit() {
		const whole = last(), bad = [...fields().map(f => f.name), whole && "consent"].map(name => [name, check(name)]).filter(each => each[1]);
		if (bad.length) return summarise(bad);
		wait(true);
		const later = new Set([...def.steps[1].fields.map(f => f.name).filter(n => !def.steps[0].fields.some(f => f.name === n)), "consent", def.honeypot]);
		const asked = new URLSearchParams({ lang: def.language, ...Object.fromEntries(Object.entries(values).filter(([k, v]) => v && !later.has(k))) });
		const body = JSON.stringify({ ...values, started: def.started, altcha: (whole && await proof) || undefined, language: def.language, context: from });
		const headers = { "Content-Type": "application/json", "Idempotency-Key": def.submission_id };
		let reply;
		try { reply = await (whole ? call(`${api}/leads`, { method: "POST", headers, body }) : call(`${api}/coverage?${asked}`)); } catch { reply = { ok: false, body: {} }; }
		wait(false);
		if (reply.body.errors) {
			const many = reply.body.errors.find(e => e.towns);
			if (many) {
				Object.assign(fields().find(f => f.name === "town"), { kind: "select", options: many.towns, more: false });
				values.asked_town = values.town;
				draw();
			}
			const before = reply.body.errors.find(e => e.code === "different_body");
			if (before) before.message = w.sent_before;
			wrong(reply.body.errors);
			if (before) await fetchForm().catch(() => {});
			return;
		}
		if (!whole) { cover = reply.ok && reply.body; step = 2; return draw(true); } // no answer must not stop anybody
		if (reply.ok) return thanks(reply.body);
		at("problems").innerHTML = `${esc(w.failed)} <a href="${esc(def.hosted_url)}">${esc(w.fallback)}</a>`;
	}
	function thanks(lead) {
		box.innerHTML = `<h2 tabindex="-1">${esc(lead.title)}</h2><p>${esc(lead.next)}</p><p>${esc(w.reference)}: <strong>${esc(lead.reference)}</strong></p>
			<p><a href="${esc(lead.status_url)}" rel="noreferrer">${esc(w.status)}</a></p>`;
		box.querySelector("h2").focus();
	}

	const css = b => `:host{display:block}*{box-sizing:border-box}
.box{all:initial;display:block;color-scheme:light;font-family:inherit;--b:${b.colour};--o:${b.on_colour};--t:${b.text_colour};--w:${b.tint};--r:10px;--g:1px solid #7b8894;max-width:598px;padding:20px;border:1px solid #dfe5ea;border-radius:14px;background:#fff;color:#16202a;font-size:17px;line-height:1.5}
h2{margin:0 0 6px;font-size:24px;outline:0}p{margin:0 0 12px}a{color:var(--t)}small,.hint{color:#55616d;font-size:15px;font-weight:400}
.field{margin:0 0 20px;padding:0;border:0;min-width:0}.field>label,legend{display:block;margin:0 0 6px;padding:0;font-weight:600}.field>.hint{margin:-4px 0 6px}
input:not([type=radio],[type=checkbox]),select,textarea{display:block;width:100%;min-height:50px;padding:11px;border:var(--g);border-radius:var(--r);background:#fff;color:inherit;font:inherit}
.field>.pick{display:flex;gap:12px;margin:0 0 8px;padding:12px 14px;border:var(--g);border-radius:var(--r);font-weight:400}.pick:has(:checked){border-color:var(--t);background:var(--w)}.pick input{flex:none;width:21px;height:21px;accent-color:var(--b)}
button{width:100%;min-height:52px;padding:12px;border:0;border-radius:var(--r);background:var(--b);color:var(--o);font:inherit;font-weight:600;cursor:pointer}.quiet{background:none;color:var(--t);text-decoration:underline}:focus-visible{outline:3px solid var(--t);outline-offset:2px}
.error{margin:0 0 6px;color:#b3261e;font-weight:600}.error:empty,.cover:empty{display:none}#f-problems{background:#fdeeed;color:#b3261e;outline:0}#f-problems a{color:inherit;font-weight:400}ul{margin:0;padding:0;list-style:none}nav{text-align:right}nav .quiet{width:auto;min-height:44px;padding:8px}.hot{position:sticky;top:0;z-index:1}.wrong{padding-left:14px;border-left:4px solid #b3261e}.cover{margin:0 0 18px;padding:14px 16px;border-radius:var(--r);background:var(--w)}.cover p{margin:2px 0 0}.cover a{display:block;padding:10px 0;font-weight:600}.trap{position:absolute;left:-9999px}summary{margin:0 0 14px;padding:10px 0;font-weight:600}`;

	async function start() {
		if (tag.closest("body")) tag.after(host); else document.body.append(host);
		box.className = "box";
		root.append(box);
		try {
			await fetchForm();
			values = { ...def.defaults };
			const sheet = new CSSStyleSheet();
			root.adoptedStyleSheets = [sheet];
			sheet.replaceSync(css(def.brand));
			draw();
		} catch {
			const german = /^de/i.test(lang);
			box.innerHTML = `<a href="${esc(hosted)}">${german ? "Zum Formular" : "Open the form"}</a>`;
			if (answered || !await fetch(api, { mode: "no-cors" }).then(() => true, () => false)) return;
			const need = `origins: [${location.origin}]`, word = german ? `F\u00fcr Betreiber dieser Seite: Das Formular braucht ${need}.` : `For the owner of this page: the form needs ${need}.`;
			box.innerHTML += `<p><small>${esc(word)}</small></p>`;
			console.error(word);
		}
	}
	if (document.body) start(); else addEventListener("DOMContentLoaded", start);
})();
