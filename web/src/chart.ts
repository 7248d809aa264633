// An interactive chart in place of its picture: the same specification, drawn by Vega
// with its expressions interpreted, so that no text is ever run as a program.
import * as vega from "vega";
import { compile } from "vega-lite";
import { expressionInterpreter } from "vega-interpreter";

type Row = { series?: string; panel?: string; name?: string; role?: string; period?: string; year?: number; shown?: string };

const dark = matchMedia("(prefers-color-scheme: dark)");
const small = matchMedia("(max-width: 640px)");

// Data stands in the specification; nothing is ever loaded.
const loader: any = {
  load: (uri: string) => Promise.reject(new Error("a chart loads nothing, but it names " + uri)),
  sanitize: (uri: string) => Promise.resolve({ href: uri }),
};

function element<K extends keyof HTMLElementTagNameMap>(name: K, className: string, text = ""): HTMLElementTagNameMap[K] {
  const e = document.createElement(name);
  e.className = className;
  e.textContent = text;
  return e;
}

class Interactive {
  private readonly figure: HTMLElement;
  private readonly picture: HTMLPictureElement;
  private readonly stage = element("div", "stage");
  private readonly tip = element("div", "tip");
  private readonly rule = element("div", "rule");
  private readonly read = element("p", "read");
  private readonly hidden = new Set<string>();
  private view?: vega.View;
  private rows: Row[] = [];
  private periods: string[] = [];
  private at = -1;

  constructor(figure: HTMLElement) {
    this.figure = figure;
    this.picture = figure.querySelector("picture")!;
    this.tip.hidden = this.rule.hidden = true;
    this.stage.setAttribute("aria-hidden", "true"); // the picture's description stays, and the table has the figures
    this.read.setAttribute("aria-live", "polite");
  }

  async begin(): Promise<void> {
    if (this.figure.classList.contains("now")) for (const name of new URLSearchParams(location.search).getAll("hide")) this.hidden.add(name);
    await this.draw();
    this.picture.classList.add("hidden");
    this.picture.after(this.stage, this.rule, this.tip);
    if (this.figure.classList.contains("now")) {
      this.toggles();
      this.figure.append(this.read);
      this.walk();
    }
    for (const query of [dark, small]) query.addEventListener("change", () => void this.draw());
  }

  // draw makes the chart anew, for the page as it looks now and the series wanted.
  private async draw(): Promise<void> {
    const d = this.figure.dataset;
    const address = (small.matches ? (dark.matches ? d.smallDark : d.small) : dark.matches ? d.wideDark : d.wide)!;
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(address + ": " + answer.status);
    const spec = await answer.json();
    this.rows = spec.datasets?.figures ?? [];
    this.periods = [...new Set(this.rows.map((r) => r.period ?? "").filter((p) => p !== ""))].sort();
    this.leaveOut(spec);
    const view = new vega.View(vega.parse(compile(spec).spec, undefined, { ast: true } as any), { expr: expressionInterpreter, renderer: "svg", loader } as any);
    view.tooltip((_handler: unknown, event: MouseEvent, _item: unknown, value: any) => this.point(event, value));
    view.initialize(this.stage);
    await view.runAsync();
    this.view?.finalize();
    this.view = view;
    const svg = this.stage.querySelector("svg");
    svg?.removeAttribute("width");
    svg?.removeAttribute("height");
  }

  // leaveOut takes the series out that nobody wants to see, with the names at their ends.
  private leaveOut(spec: any): void {
    if (this.hidden.size === 0) return;
    const gone = (r: Row) => this.hidden.has(this.group(r));
    spec.datasets.figures = this.rows.filter((r) => !gone(r));
    const roles = new Set(this.rows.filter(gone).map((r) => r.role));
    for (const r of spec.datasets.figures as Row[]) roles.delete(r.role);
    for (const layer of spec.layer ?? []) {
      if (Array.isArray(layer.data?.values)) layer.data.values = layer.data.values.filter((r: Row) => !roles.has(r.role));
    }
  }

  // group is what is switched together: a series, or all peers.
  private group(r: Row): string {
    return r.role === "peer" ? "peer" : (r.series ?? "");
  }

  private toggles(): void {
    const groups = new Map<string, string>();
    for (const r of this.rows) {
      if (r.series && !r.panel) groups.set(this.group(r), r.role === "peer" ? (document.documentElement.lang.startsWith("zh") ? "其他城市" : "other cities") : r.series);
    }
    if (groups.size < 2) return;
    const set = element("fieldset", "toggles");
    set.append(element("legend", "", this.figure.dataset.series));
    for (const [key, name] of groups) {
      const label = element("label", "");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = !this.hidden.has(key);
      box.addEventListener("change", () => {
        if (box.checked) this.hidden.delete(key);
        else this.hidden.add(key);
        this.remember();
        void this.draw();
      });
      label.append(box, name);
      set.append(label);
    }
    this.figure.append(set);
  }

  // remember keeps in the address what is hidden, so that it can be passed on.
  private remember(): void {
    const address = new URL(location.href);
    address.searchParams.delete("hide");
    for (const name of this.hidden) address.searchParams.append("hide", name);
    history.replaceState(null, "", address);
  }

  // walk lets the arrow keys read the figures, period by period.
  private walk(): void {
    if (this.periods.length === 0) return;
    this.figure.tabIndex = 0;
    this.figure.setAttribute("aria-label", this.figure.dataset.keys ?? "");
    this.figure.addEventListener("keydown", (e) => {
      if (e.target !== this.figure) return;
      const last = this.periods.length - 1;
      const to: Record<string, number> = { ArrowLeft: Math.max(0, this.at < 0 ? last : this.at - 1), ArrowRight: Math.min(last, this.at + 1), Home: 0, End: last };
      if (e.key === "Escape") return this.leave();
      if (!(e.key in to)) return;
      e.preventDefault();
      this.at = to[e.key]!;
      this.tell(this.periods[this.at]!);
    });
    this.figure.addEventListener("blur", () => this.leave());
  }

  private tell(period: string): void {
    const said = this.rows.filter((r) => r.period === period && r.role !== "peer" && !this.hidden.has(this.group(r)));
    this.read.textContent = period + ": " + said.map((r) => (r.panel ?? r.series ?? r.name ?? "") + " " + (r.shown ?? "")).join("; ");
    const year = said.find((r) => r.year !== undefined)?.year;
    let x: number | undefined;
    try {
      x = year === undefined ? undefined : this.view!.scale("x")(year);
    } catch {
      // a chart of panels has no axis of its own
    }
    const svg = this.stage.querySelector("svg");
    this.rule.hidden = x === undefined || !svg;
    if (x === undefined || !svg) return;
    const origin: number[] = (this.view as any)._origin ?? [0, 0];
    const scale = svg.clientWidth / svg.viewBox.baseVal.width;
    const left = ((this.view as any).padding().left + origin[0]! + x) * scale;
    this.rule.style.left = left + "px";
    this.rule.style.bottom = this.figure.clientHeight - svg.clientHeight + "px";
  }

  private leave(): void {
    this.at = -1;
    this.rule.hidden = true;
    this.read.textContent = "";
  }

  private point(event: MouseEvent, value: any): void {
    this.tip.hidden = value == null || typeof value !== "object";
    if (this.tip.hidden) return;
    const parts = Object.values(value).map(String);
    this.tip.replaceChildren(element("b", "", parts[0]), parts.slice(1).join(": "));
    const box = this.figure.getBoundingClientRect();
    const x = event.clientX - box.left;
    this.tip.style.left = Math.min(x + 12, Math.max(0, box.width - this.tip.offsetWidth - 4)) + "px";
    this.tip.style.top = event.clientY - box.top + 16 + "px";
  }
}

export async function show(figure: HTMLElement): Promise<void> {
  await new Interactive(figure).begin();
}
