import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { healthOf, readHealth } from "../../../check/app/health.ts";
import { memoryBytes } from "../../../check/app/memory-text.ts";
import { HOSTILE_TEXTS } from "../../support/hostile-texts.ts";

const plain = (text: string) => text;
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/health`;
}

describe("healthOf", () => {
  it("reads the document of the guide", () => {
    const cache = {
      enabled: true,
      connected: true,
      hit_rate: 0.73,
      memory_used: "1.2M",
      reason: null,
      fingerprint: "abc",
    };
    expect(healthOf(200, JSON.stringify({ status: "healthy", cache }), plain)).toEqual({
      answer: "document",
      httpStatus: 200,
      words: "HTTP 200",
      status: "healthy",
      cache: {
        enabled: true,
        connected: true,
        hitRate: 0.73,
        memoryUsedBytes: 1_258_291,
        fingerprint: "abc",
        knowsFingerprint: true,
      },
    });
  });

  it("leaves out what is null, missing or of another kind", () => {
    const nulls = {
      enabled: null,
      connected: "yes",
      hit_rate: 700,
      memory_used: {},
      reason: [],
      fingerprint: null,
    };
    expect(healthOf(200, JSON.stringify({ status: 1, cache: nulls }), plain).cache).toEqual({
      knowsFingerprint: true,
    });
    expect(healthOf(200, JSON.stringify({ cache: {} }), plain).cache).toEqual({ knowsFingerprint: false });
    expect(healthOf(200, JSON.stringify({ cache: "on" }), plain).cache).toBeUndefined();
  });

  it.each([
    [0.5, 0.5],
    [1, 1],
    [72.5, 0.725],
    [100, 1],
    [101, undefined],
    [-0.1, undefined],
    [null, undefined],
    ["0.5", undefined],
  ])("takes a hit rate of %j for %j", (rate, share) => {
    expect(healthOf(200, JSON.stringify({ cache: { hit_rate: rate } }), plain).cache?.hitRate).toBe(share);
  });

  it.each([
    [200, "{}", "document"],
    [200, "<html>", "no-document"],
    [200, "[1]", "no-document"],
    [200, "", "no-document"],
    [302, "", "no-document"],
    [404, "{}", "refused"],
    [403, "", "refused"],
    [503, '{"cache":{}}', "unhealthy"],
    [500, "", "unhealthy"],
    [499, "{}", "refused"],
    [400, "{}", "refused"],
    [399, "{}", "no-document"],
    [299, "{}", "document"],
  ])("calls HTTP %i with %s %s", (status, text, answer) => {
    expect(healthOf(status, text, plain).answer).toBe(answer);
  });

  it("shows a reason without secrets and without control characters", () => {
    for (const text of Object.values(HOSTILE_TEXTS)) {
      const body = JSON.stringify({ status: text, cache: { reason: `${text} s3cret` } });
      const health = healthOf(200, body, (shown) => shown.replaceAll("s3cret", "[secret]"));
      const shown = JSON.stringify(health);
      expect(shown).not.toContain("s3cret");
      expect(`${health.status}`).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
      expect(`${health.cache?.reason}`).not.toMatch(/[\p{Cc}\u202e\u2028]/u);
      expect(shown.length).toBeLessThan(2000);
    }
  });
});

describe("readHealth", () => {
  it("asks once and reports the answer", async () => {
    const url = await serve((_, response) => response.end('{"cache":{"enabled":true}}'));
    expect(await readHealth(url)).toMatchObject({ answer: "document", cache: { enabled: true } });
  });

  it("does not follow to a sign-in page", async () => {
    const url = await serve((_, response) =>
      response.writeHead(302, { location: "http://192.0.2.1/sign-in?ticket=s3cret" }).end(),
    );
    expect(await readHealth(url, { timeoutMs: 2000 })).toMatchObject({
      answer: "no-document",
      httpStatus: 302,
      words: "HTTP 302, which leads to http://192.0.2.1/sign-in",
    });
  });

  it("stops waiting at the timeout, and says so", async () => {
    const url = await serve(() => {});
    expect(await readHealth(url, { timeoutMs: 200 })).toEqual({
      answer: "unreachable",
      words: "no answer within 0.2 s",
    });
  });

  it("stops reading an endless body at the timeout", async () => {
    const url = await serve((_, response) => {
      response.write("{");
    });
    expect(await readHealth(url, { timeoutMs: 200 })).toMatchObject({ answer: "unreachable" });
  });

  it("limits how much it reads of an endless body", async () => {
    const url = await serve((_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", pour);
      pour();
    });
    expect(await readHealth(url, { timeoutMs: 5000 })).toMatchObject({ answer: "no-document" });
  });

  it("says why nothing answered", async () => {
    const url = await serve(() => {});
    await new Promise((resolve) => server?.close(resolve));
    expect(await readHealth(url)).toEqual({
      answer: "unreachable",
      words: "refused: nothing listens there (ECONNREFUSED)",
    });
    const cutOff = await serve((request) => request.socket.destroy());
    expect((await readHealth(cutOff)).words).toBe("other side closed (UND_ERR_SOCKET)");
    const noName = await readHealth(`http://${"a".repeat(64)}.example/health`);
    expect(noName.words).toMatch(/^(no such name|DNS gave no answer) \(E\w+\)$/);
  });

  it("never repeats an address, which may hold a password", async () => {
    const { words } = await readHealth("http://user:s3cret@127.0.0.1:1/health");
    expect(words).toBe("its address cannot be asked, or holds a password");
  });

  it("ends when its caller gives up", async () => {
    const url = await serve(() => {});
    const giveUp = new AbortController();
    const reading = readHealth(url, { signal: giveUp.signal });
    giveUp.abort(new Error("given up"));
    await expect(reading).rejects.toThrow("given up");
  });
});

describe("memoryBytes", () => {
  it.each([
    ["1.2M", 1_258_291],
    ["850.5K", 870_912],
    ["1.5 GB", 1_610_612_736],
    ["512", 512],
    ["512B", 512],
    ["3MiB", 3_145_728],
    [4096, 4096],
    ["1024G", 1024 ** 4],
  ])("reads %s", (text, bytes) => expect(memoryBytes(text)).toBe(bytes));

  it.each([
    [""],
    ["much"],
    ["-1M"],
    [-1],
    [Number.NaN],
    [null],
    ["1.2.3M"],
    [{}],
    [1e300],
    ["999999999999999G"],
  ])("leaves %s out", (value) => expect(memoryBytes(value)).toBeUndefined());
});
