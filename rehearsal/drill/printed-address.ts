/** Where an app says that it listens: "Listening on http://0.0.0.0:8080", "app is running on port 3000". */
import { stripVTControlCharacters } from "node:util";

const URL_IN_LINE = /\bhttps?:\/\/(?:\[[0-9a-f:]+\]|[\w.-]+)(?::\d{1,5})?/gi;
const PORT_IN_LINE = /\bport:?\s+(\d{2,5})\b/i;
const THIS_MACHINE = /^(localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/i;

const [V4, V6] = ["127.0.0.1", "[::1]"];

/** The origins in a line of output that can be this app's, as in `http://127.0.0.1:8080`. */
export function printedOrigins(line: string): string[] {
  const text = stripVTControlCharacters(line);
  const urls = [...text.matchAll(URL_IN_LINE)].flatMap(([url]) => originOf(url));
  if (urls.length > 0) return urls;
  const port = Number(PORT_IN_LINE.exec(text)?.[1] ?? 0);
  return port > 0 && port < 65_536 && !/redis/i.test(text) ? [`http://127.0.0.1:${port}`] : [];
}

function originOf(text: string): string[] {
  if (!URL.canParse(text)) return [];
  const url = new URL(text);
  if (!THIS_MACHINE.test(url.hostname)) return [];
  // A name may stand for either loopback; "any address" includes both.
  const hosts = url.hostname === "localhost" ? [V4, V6] : url.hostname === V6 ? [V6] : [V4];
  return hosts.map((host) => {
    url.hostname = host;
    return url.origin;
  });
}
