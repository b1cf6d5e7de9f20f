// Runs the linter and the fixer off the page's own thread.
import { loadPyodide } from "./pyodide/pyodide.mjs";

async function started() {
  const [python, packages] = await Promise.all([
    loadPyodide({ indexURL: new URL("./pyodide/", import.meta.url).href }),
    fetch(new URL("./packages.zip", import.meta.url)).then((response) => response.arrayBuffer()),
  ]);
  const site = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
  python.unpackArchive(packages, "zip", { extractDir: site });
  python.runPython(`
from flake8_async_sqla.dev.playground.judge import judged, without_native_parser
without_native_parser()
`);
  return python.globals.get("judged");
}

const ready = started();
ready.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error) }),
);

onmessage = async ({ data }) => {
  const judged = await ready;
  try {
    postMessage({ number: data.number, ...JSON.parse(judged(data.source, data.options, data.fixes)) });
  } catch (error) {
    postMessage({ number: data.number, failed: String(error) });
  }
};
