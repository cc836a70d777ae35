/** One HTTPS request on a connection of its own, trusting a test's authority. */
import { once } from "node:events";
import { request } from "node:https";

export interface Reply {
  status: number;
  body: string;
}

/**
 * @param options what to send (a form as it is, anything else as JSON), and `ca`: the PEM of the authority to trust
 * @throws what the connection says
 */
export async function askHttps(
  url: string,
  options: { ca: string; method?: string; headers?: Record<string, string>; body?: unknown },
): Promise<Reply> {
  const { ca, method = "GET", headers = {}, body } = options;
  const text =
    body === undefined || body instanceof URLSearchParams ? body?.toString() : JSON.stringify(body);
  const type = text === undefined ? {} : { "content-type": "application/json" };
  const outgoing = request(url, { ca, method, headers: { ...type, ...headers }, agent: false });
  outgoing.end(text);
  const [response] = await once(outgoing, "response");
  let answer = "";
  for await (const piece of response.setEncoding("utf8")) answer += piece;
  return { status: response.statusCode, body: answer };
}
