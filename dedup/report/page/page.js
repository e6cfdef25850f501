"use strict";
(() => {
  const root = document.documentElement;
  const one = (name) => document.getElementById(name);
  const theme = one("theme");
  if (theme) {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
    const tell = () => {
      theme.textContent = isDark() ? "Light" : "Dark";
      theme.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
    };
    theme.hidden = false;
    theme.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      tell();
    });
    dark.addEventListener("change", tell);
    tell();
  }
  const list = one("list");
  const tools = one("tools");
  const items = list ? [...list.children] : [];
  const folds = () => items.filter((item) => !item.hidden).map((item) => item.firstElementChild);
  const words = new Map();
  const textOf = (item) => {
    if (!words.has(item)) words.set(item, item.textContent.toLowerCase().replace(/\s+/g, " "));
    return words.get(item);
  };
  const numberOf = (name) => {
    const field = one(name);
    return field.value === "" ? null : Number(field.value);
  };
  const orders = {
    size: (a, b) => b.dataset.size - a.dataset.size || a.dataset.no - b.dataset.no,
    score: (a, b) => a.dataset.low - b.dataset.low || a.dataset.no - b.dataset.no,
    alike: (a, b) => b.dataset.low - a.dataset.low || a.dataset.no - b.dataset.no,
    date: (a, b) => (a.dataset.date || "9").localeCompare(b.dataset.date || "9") || a.dataset.no - b.dataset.no,
    title: (a, b) => a.dataset.title.localeCompare(b.dataset.title) || a.dataset.no - b.dataset.no,
  };
  const filter = () => {
    const wanted = one("search").value.toLowerCase().trim().split(/\s+/).filter(Boolean);
    const verdict = one("verdict").value;
    const source = one("source").value;
    const least = numberOf("least");
    const most = numberOf("most");
    let shown = 0;
    for (const item of items) {
      const about = item.dataset;
      item.hidden = !(
        (!verdict || about.verdicts.split(" ").includes(verdict)) &&
        (!source || about.sources.split("\t").includes(source)) &&
        (least === null || Number(about.size) >= least) &&
        (most === null || Number(about.low) <= most) &&
        wanted.every((word) => textOf(item).includes(word))
      );
      shown += !item.hidden;
    }
    one("count").textContent =
      shown === items.length
        ? `${shown.toLocaleString("en")} clusters shown`
        : `${shown.toLocaleString("en")} of ${items.length.toLocaleString("en")} clusters shown`;
  };
  const sort = () => {
    items.sort(orders[one("sort").value]);
    list.append(...items);
  };
  const unfold = (open) => {
    for (const fold of folds()) fold.open = open;
    one("unfold").textContent = open ? "Fold all" : "Unfold all";
    one("unfold").setAttribute("aria-expanded", String(open));
  };
  const toggleAll = () => unfold(one("unfold").getAttribute("aria-expanded") !== "true");
  const step = (by) => {
    const all = folds();
    if (!all.length) return;
    const at = all.findIndex((fold) => fold.contains(document.activeElement));
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    all[next].firstElementChild.focus();
    all[next].parentElement.scrollIntoView({ block: "nearest" });
  };
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const fold = target && target.querySelector(":scope > details");
    if (fold) fold.open = true;
  };
  if (tools && items.length) {
    tools.hidden = false;
    one("told").hidden = false;
    let waiting = 0;
    tools.addEventListener("input", (event) => {
      if (event.target.id === "sort") return;
      clearTimeout(waiting);
      waiting = setTimeout(filter, event.target.id === "search" ? 120 : 0);
    });
    one("sort").addEventListener("change", sort);
    one("unfold").addEventListener("click", toggleAll);
    tools.addEventListener("reset", () => setTimeout(() => { sort(); filter(); }));
    tools.addEventListener("submit", (event) => event.preventDefault());
    filter();
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !tools) return;
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "Escape" && event.target.id === "search") {
      event.target.value = "";
      filter();
      event.target.blur();
    }
    if (typing) return;
    const does = {
      "/": () => one("search").focus(),
      j: () => step(1),
      k: () => step(-1),
      x: toggleAll,
    }[event.key];
    if (does) {
      event.preventDefault();
      does();
    }
  });
  addEventListener("hashchange", reveal);
  reveal();
})();
