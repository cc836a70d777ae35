/** The provider's HTTP client (upstash/terraform-provider-upstash, upstash/client/client.go): its one host, its words. */

/** Fixed in the provider: tests lead it to the emulator by a proxy. */
const ORIGIN = "https://api.upstash.com";

export interface Client {
  /**
   * Asks once; the provider repeats nothing.
   * @param words what errors begin with, as `Create Redis Database`
   * @param body sent as JSON, also where it is null; not sent where undefined
   */
  send(method: string, path: string, words: string, body?: unknown): Promise<unknown>;
}

export function clientOf({ email, apiKey }: { email: string; apiKey: string }): Client {
  return {
    async send(method, path, words, body) {
      const response = await fetch(ORIGIN + path, {
        method,
        headers: {
          Accept: "application/json",
          Authorization: `Basic ${Buffer.from(`${email}:${apiKey}`).toString("base64")}`,
          ...(body === undefined ? {} : { "Content-Type": "application/json; charset=UTF-8" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }).catch((error: Error) => {
        const reason = error.cause instanceof Error ? error.cause.message : error.message;
        // As Go's client words it.
        throw new Error(`${method.charAt(0)}${method.slice(1).toLowerCase()} "${ORIGIN}${path}": ${reason}`);
      });
      const text = await response.text();
      if (![200, 201, 202].includes(response.status)) {
        throw new Error(`${words} failed, status code: ${response.status} response: ${text}`);
      }
      return JSON.parse(text) as unknown;
    },
  };
}
