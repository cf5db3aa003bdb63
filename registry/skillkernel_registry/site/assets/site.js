"use strict";
// Search, copying and addresses; without it, every page can still be read and every list be gone through.
(() => {
  const root = document.body.dataset.root || "";

  // The same rule as search_words.py, so that both look into the same files: Python's casefold and \w, a shard's name.
  const fold = (text) => Array.from(text, foldOne).join("");
  const foldOne = (char) => {
    if (char === "ı") return char;
    if (char === "ẞ") return "ss";
    if (/\p{Script=Cherokee}/u.test(char)) return char.toUpperCase();
    return Array.from(char.toUpperCase(), (upper) => upper.toLowerCase()).join("");
  };
  const isAscii = (text) => /^[\x00-\x7f]*$/.test(text);
  const words = (text) => {
    const found = fold(text).match(/[\p{L}\p{N}]+/gu) || [];
    return [...new Set(found)].filter((word) => Array.from(word).length >= 2 || !isAscii(word));
  };
  const common = new Set((
    "about after agent ai all also an and any are as at be before between but by can each every for from has have " +
    "if in into is it its more no not of on one or other out over own skill skills so such than that the their them " +
    "then these they this to tool tools up use used uses using via was what when where which who will with without " +
    "you your"
  ).split(" "));
  const askedWord = (text) => {
    const found = words(text);
    const rare = found.filter((word) => !common.has(word));
    const letters = (word) => Array.from(word).length;
    return (rare.length ? rare : found).sort((one, other) => letters(other) - letters(one))[0];
  };
  const shardOf = (word, length) => {
    const beginning = Array.from(word).slice(0, length).join("");
    const hex = () => Array.from(new TextEncoder().encode(beginning), (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `site/search/${(isAscii(beginning) ? beginning : hex()).padEnd(length, "_")}.json`;
  };
  const matches = (asked, name, summary) => {
    const text = fold(`${name} ${summary}`);
    return asked.every((word) => text.includes(word));
  };
  const inNameFirst = (asked) => {
    const rank = (name) => (name === asked[0] ? 0 : asked.some((word) => name.includes(word)) ? 1 : 2);
    return (one, other) => rank(one.name) - rank(other.name) || (one.name < other.name ? -1 : 1);
  };
  const askedFor = (text) => fold(text).split(/\s+/u).filter(Boolean);

  const addresses = () => {
    const here = new URL(root || "./", location.href);
    here.search = here.hash = "";
    for (const place of document.querySelectorAll("[data-address]")) place.textContent = here.href;
    const remark = document.querySelector("[data-address-remark]");
    if (remark) remark.hidden = true;
  };

  const copying = () => {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll(".copy")) {
      button.hidden = false;
      const label = button.firstChild;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(button.closest(".command").querySelector("code").textContent);
          label.data = "Copied";
          button.classList.add("done");
        } catch {
          label.data = "Not copied";
        }
        setTimeout(() => {
          label.data = "Copy";
          button.classList.remove("done");
        }, 2000);
      });
    }
  };

  const element = (kind, className, ...content) => {
    const made = document.createElement(kind);
    if (className) made.className = className;
    made.append(...content);
    return made;
  };
  const effectNames = { read: "reads", write: "changes", send: "sends", destroy: "deletes" };
  const asks = (number) =>
    number === 0 ? "asks for nothing" : number === 1 ? "asks for 1 permission" : `asks for ${number} permissions`;
  const card = (one) => {
    const link = element("a", "", one.name);
    link.href = `${root}skill/${encodeURIComponent(one.name)}.html`;
    const summary = element("p", "summary", one.summary);
    summary.dir = "auto";
    const chips = one.effects.filter((effect) => effect in effectNames);
    const facts = element(
      "p", "facts",
      ...chips.map((effect) => element("span", `chip ${effect}`, effectNames[effect])),
      element("span", "asks", asks(one.asks)),
    );
    return element("li", "card", element("h2", "", link, " ", element("span", "version", one.version)), summary, facts);
  };

  const counted = (number, what) => (number === 1 ? `1 skill ${what}` : `${number} skills ${what}`);

  const search = (form) => {
    const field = form.querySelector("input");
    const status = document.getElementById("status");
    const results = document.getElementById("results");
    const length = Number(form.dataset.prefix || 0);
    const show = length ? sharded(length, results, status) : listed(results, status);
    const go = () => {
      const text = field.value.trim();
      history.replaceState(null, "", text ? `#q=${encodeURIComponent(text)}` : location.pathname.replace(/.*\//, "") || "./");
      show(text);
    };
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const first = results.querySelector("li:not([hidden]) a");
      if (field.value.trim() && first) first.click();
    });
    field.addEventListener("input", go);
    document.addEventListener("keydown", (event) => keys(event, field, results, go));
    const asked = new URLSearchParams(location.hash.slice(1)).get("q");
    if (asked) {
      field.value = asked;
      show(asked);
    }
  };

  const keys = (event, field, results, go) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const links = [...results.querySelectorAll("li:not([hidden]) a")];
    const at = links.indexOf(document.activeElement);
    const inside = document.activeElement === field;
    if (event.key === "/" && !inside) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "Escape" && (inside || at >= 0)) {
      field.value = "";
      field.focus();
      go();
    } else if (event.key === "ArrowDown" && (inside || at >= 0) && at + 1 < links.length) {
      event.preventDefault();
      links[at + 1].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (links[at - 1] || field).focus();
    }
  };

  // A small index: its list is on the page, in the order of names.
  const listed = (results, status) => {
    const skills = [...results.querySelectorAll(".card")].map((item) => ({
      name: item.dataset.name,
      summary: item.querySelector(".summary").textContent,
      item,
    }));
    return (text) => {
      const asked = askedFor(text);
      const found = asked.length ? skills.filter((one) => matches(asked, one.name, one.summary)) : skills;
      for (const one of skills) one.item.hidden = true;
      for (const one of asked.length ? found.toSorted(inNameFirst(asked)) : found) {
        one.item.hidden = false;
        results.append(one.item);
      }
      status.textContent = asked.length ? counted(found.length, "found") : "";
    };
  };

  // A large index: the file for the beginning of the longest word that is not common holds all skills that have such a word.
  const sharded = (length, results, status) => {
    const all = document.getElementById("all");
    const kept = new Map();
    let latest = 0;
    const fetched = async (path) => {
      if (!kept.has(path)) {
        const answer = await fetch(root + path);
        if (!answer.ok && answer.status !== 404) throw new Error(`${answer.status}`);
        kept.set(path, answer.ok ? await answer.json() : []);
      }
      return kept.get(path);
    };
    const say = (text, found) => {
      status.textContent = text;
      results.replaceChildren(...found.slice(0, 60).map(card));
      results.hidden = !found.length;
      all.hidden = found.length > 0;
    };
    return async (text) => {
      const turn = ++latest;
      const asked = askedFor(text);
      const longest = askedWord(text);
      if (!longest || Array.from(longest).length < length) {
        say(text ? `Type a word of at least ${length} letters.` : "", []);
        return;
      }
      try {
        const skills = await fetched(shardOf(longest, length));
        if (turn !== latest) return;
        const found = skills.filter((one) => matches(asked, one.name, one.summary)).sort(inNameFirst(asked));
        say(found.length > 60 ? `${found.length} skills found, the first 60 are shown` : counted(found.length, "found"), found);
      } catch {
        if (turn !== latest) return;
        say(
          location.protocol === "file:"
            ? "A browser reads the search of a large index from a web server only. The lists below work from a folder too."
            : "The search did not answer. The lists below still work.",
          [],
        );
      }
    };
  };

  addresses();
  copying();
  const form = document.getElementById("search");
  if (form) search(form);
  window.skillSearch = Object.freeze({ fold, words, askedWord, shardOf });
})();
