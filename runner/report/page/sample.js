"use strict";
// Answers stay in this browser until somebody runs the line that is made of them.
const texts = document.body.dataset;
const pairs = [...document.querySelectorAll("article[data-id]")];
const byId = (name) => document.getElementById(name);
const place = `migrate-sample ${texts.key}`;
let kept = {};
try { kept = JSON.parse(localStorage.getItem(place)) || {}; } catch { kept = {}; }
const keep = () => { try { localStorage.setItem(place, JSON.stringify(kept)); } catch { /* for this visit only */ } };
const answer = (pair) => {
  const own = kept[pair.dataset.id];
  // What was said of a ticket that was written anew since does not count.
  if (own && own.mark === pair.dataset.mark) return own;
  return { verdict: pair.dataset.verdict, remark: pair.dataset.remark };
};
// Between double quotes these act in one shell or another; their twins read the same.
const twins = { "$": "＄", "%": "％", "!": "！", "\\": "＼", "`": "'", '"': "'", "“": "'", "”": "'", "„": "'" };
const safe = (text) => [...text].map((letter) => twins[letter] || (/\p{C}|\s/u.test(letter) ? " " : letter)).join("").trim();
const line = () => {
  const fresh = pairs.filter((pair) => {
    const { verdict, remark } = answer(pair);
    return verdict && (verdict !== pair.dataset.verdict || remark !== pair.dataset.remark);
  });
  const right = fresh.filter((pair) => answer(pair).verdict === "right").map((pair) => pair.dataset.id);
  const wrong = fresh.filter((pair) => answer(pair).verdict === "wrong");
  const parts = wrong.map((pair) => ` --wrong "${pair.dataset.id}=${safe(answer(pair).remark)}"`);
  if (right.length) parts.unshift(` --right ${right.join(",")}`);
  return parts.length ? `migrate sample${parts.join("")}` : "";
};
const show = () => {
  let looked = 0, wrong = 0;
  for (const pair of pairs) {
    const { verdict, remark } = answer(pair);
    looked += verdict ? 1 : 0;
    wrong += verdict === "wrong" ? 1 : 0;
    for (const button of pair.querySelectorAll("button[data-say]")) button.setAttribute("aria-pressed", String(button.dataset.say === verdict));
    for (const mark of document.querySelectorAll(`.mark[data-of="${pair.dataset.id}"]`)) {
      mark.className = `mark ${verdict}`;
      mark.textContent = { right: "✓", wrong: "✗" }[verdict] || "○";
    }
    pair.classList.toggle("folded", verdict === "right");
    pair.querySelector(".tick label").hidden = verdict !== "wrong";
    const field = pair.querySelector("textarea");
    if (document.activeElement !== field) field.value = remark || "";
  }
  byId("progress").textContent = texts.progress.replace("LOOKED", looked).replace("ALL", pairs.length).replace("WRONG", wrong);
  const command = line();
  byId("line").value = command;
  byId("line").hidden = byId("copy").hidden = !command;
  byId("nothing").hidden = Boolean(command);
};
const next = () => {
  const open = pairs.find((pair) => !answer(pair).verdict);
  (open || byId("done")).scrollIntoView();
};
const say = (pair, verdict, remark) => {
  kept[pair.dataset.id] = { mark: pair.dataset.mark, verdict, remark };
  keep();
  show();
};
for (const pair of pairs) {
  const field = pair.querySelector("textarea");
  for (const button of pair.querySelectorAll("button[data-say]")) {
    button.addEventListener("click", () => {
      const again = answer(pair).verdict === button.dataset.say;
      say(pair, again ? "" : button.dataset.say, button.dataset.say === "wrong" ? field.value : "");
      if (!again && button.dataset.say === "right") next();
      if (!again && button.dataset.say === "wrong") field.focus();
    });
  }
  field.addEventListener("input", () => say(pair, "wrong", field.value));
  pair.querySelector("h2").addEventListener("click", () => pair.classList.toggle("folded"));
}
byId("next").addEventListener("click", next);
byId("copy").addEventListener("click", async () => {
  byId("line").select();
  try { await navigator.clipboard.writeText(byId("line").value); } catch { document.execCommand("copy"); }
  byId("copy").textContent = texts.copied;
});
show();
