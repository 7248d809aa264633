// For pages that embed a chart: the frame becomes as high as the chart in it says.
addEventListener("message", (event) => {
  const heights = event.data?.["datawrapper-height"];
  if (heights === null || typeof heights !== "object") return;
  for (const frame of document.querySelectorAll<HTMLIFrameElement>("iframe[data-citystats]")) {
    const height = Number(Object.values(heights)[0]);
    if (frame.contentWindow === event.source && height > 0) frame.height = String(height);
  }
});
