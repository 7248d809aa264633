// What every page does when scripts run: pickers answer at once, code can be copied,
// and charts become interactive. Without scripts nothing is missing but that.
const root = document.documentElement;
root.classList.add("js");

for (const form of document.querySelectorAll<HTMLFormElement>("form.picker")) {
  form.addEventListener("change", () => form.requestSubmit());
}

for (const block of document.querySelectorAll<HTMLPreElement>("pre")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  const [before, after] = root.lang.startsWith("zh") ? ["复制", "已复制"] : ["Copy", "Copied"];
  button.type = "button";
  button.textContent = before;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.textContent ?? "");
    button.textContent = after;
    setTimeout(() => (button.textContent = before), 2000);
  });
  block.after(button);
}

// The engine of the charts is large: it is loaded when somebody reaches for a chart,
// or on a chart's own page when the rest is done.
const engine = document.querySelector<HTMLScriptElement>("script[data-chart]")?.dataset.chart;
const started = new WeakSet<HTMLElement>();

async function start(figure: HTMLElement): Promise<void> {
  if (!engine || started.has(figure)) return;
  started.add(figure);
  try {
    const { show } = await import(engine);
    await show(figure);
  } catch (error) {
    started.delete(figure); // the picture is still there
    console.warn("the chart stays a picture:", error);
  }
}

for (const figure of document.querySelectorAll<HTMLElement>("figure.chart[data-wide]")) {
  figure.addEventListener("pointerenter", () => start(figure), { once: true });
  if (figure.classList.contains("now")) {
    const idle = window.requestIdleCallback ?? ((f: () => void) => setTimeout(f, 200));
    addEventListener("load", () => idle(() => start(figure)));
  }
}
