/** An app of one slow answer: the part that all of the weak apps share. */
import { createServer } from "node:http";

const DATABASE_MS = 5;

/** What the answer costs without a cache. */
export async function load() {
  await new Promise((resolve) => setTimeout(resolve, DATABASE_MS));
  return JSON.stringify({ loaded: true });
}

/** @param answer gives the text; where it throws, the user gets a 500 */
export function serve(answer) {
  const server = createServer(async (request, response) => {
    try {
      response.end(await answer(new URL(request.url, "http://localhost").pathname));
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error));
    }
  });
  const port = Number(process.env.PORT ?? 8080);
  server.listen(port, "127.0.0.1", () => console.log(`Listening on http://127.0.0.1:${port}`));
}

export const isEnabled = process.env.REDIS_ENABLED !== "false";
export const KEY = "answer";
