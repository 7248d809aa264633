// A Vega-Lite specification becomes an SVG text. This runs inside the program, in a
// JavaScript engine without a browser: the host gives textWidth, which measures with
// the font that the picture is drawn in.
import * as vega from "vega";
import { compile } from "vega-lite";

declare function textWidth(text: string, size: number, bold: boolean): number;

type Item = { fontSize?: number; fontWeight?: string | number };

const bold = (item: Item): boolean => {
  const weight = item.fontWeight ?? "normal";
  return weight === "bold" || Number(weight) >= 600;
};

(vega as any).textMetrics.width = (item: Item, text: unknown): number =>
  text == null ? 0 : textWidth(String(text), Number(item.fontSize ?? 11), bold(item));

export async function svg(spec: string): Promise<string> {
  const failures: string[] = [];
  const logger: any = {
    level: () => logger,
    error: (...words: unknown[]) => (failures.push(words.join(" ")), logger),
    warn: (...words: unknown[]) => (failures.push(words.join(" ")), logger),
    info: () => logger,
    debug: () => logger,
  };
  const compiled = compile(JSON.parse(spec), { logger }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logger, loader: noLoader });
  const text = await view.toSVG();
  view.finalize();
  if (failures.length > 0) {
    throw new Error(failures.join("; "));
  }
  return text;
}

// Data stands in the specification; nothing is ever loaded.
const noLoader: any = {
  load: (uri: string) => Promise.reject(new Error("a chart loads nothing, but it names " + uri)),
  sanitize: (uri: string) => Promise.resolve({ href: uri }),
};
