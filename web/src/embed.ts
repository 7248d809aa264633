// A chart in a frame of another site tells that site how high it is, in the three
// ways that sites listen for.
const id = document.querySelector<HTMLScriptElement>("script[data-id]")?.dataset.id ?? "";
let last = 0;

function tell(): void {
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  if (height === last || parent === window) return;
  last = height;
  parent.postMessage({ "datawrapper-height": { [id]: height } }, "*");
  parent.postMessage({ sentinel: "amp", type: "embed-size", height }, "*");
  parent.postMessage(`pymxPYMx${id}xPYMxheightx${height}`, "*");
}

new ResizeObserver(tell).observe(document.documentElement);
addEventListener("load", tell);
