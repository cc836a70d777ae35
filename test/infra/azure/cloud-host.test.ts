import { describe, expect, it, vi } from "vitest";
import { azureCloud } from "../../../infra/azure/cloud.ts";
import {
  isTrustedHost,
  metadataBase,
  requireUnder,
  untrustedHosts,
} from "../../../infra/azure/cloud-host.ts";

describe("a metadata host of the config", () => {
  it("that is not Microsoft's is asked nothing, unless the environment names it too", async () => {
    const fetched = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("refused"));
    try {
      for (const host of ["evil.example", "management.azure.com.evil.example", "https://evil.example"]) {
        await expect(azureCloud({}, { metadataHost: host })).rejects.toThrow(/not a cloud of Microsoft/);
        await expect(
          azureCloud({ ARM_METADATA_HOSTNAME: "own.example" }, { metadataHost: host }),
        ).rejects.toThrow(/not a cloud of Microsoft/);
      }
      expect(fetched).not.toHaveBeenCalled();
      await azureCloud({ ARM_METADATA_HOSTNAME: "own.example" }, { metadataHost: "own.example" }).catch(
        () => {},
      );
      expect(String(fetched.mock.calls[0]?.[0])).toMatch(/^https:\/\/own\.example\//);
    } finally {
      fetched.mockRestore();
    }
  });

  it("that never answers is given up when the command's time is over", async () => {
    const hanging = (_: unknown, init?: RequestInit) =>
      new Promise<Response>((_resolve, reject) =>
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason as Error)),
      );
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(hanging);
    const command = new AbortController();
    const asked = azureCloud({ ARM_METADATA_HOSTNAME: "own.example" }, { signal: command.signal });
    const refused = expect(asked).rejects.toThrow("no more time");
    await vi.waitFor(() => expect(fetched).toHaveBeenCalled());
    command.abort(new Error("no more time"));
    await refused;
    fetched.mockRestore();
  });

  it("is known for the clouds of Microsoft, with or without https", () => {
    expect(isTrustedHost("management.azure.com", {})).toBe(true);
    expect(isTrustedHost("https://management.usgovcloudapi.net", {})).toBe(true);
    expect(isTrustedHost("localhost:8443", { ARM_METADATA_HOSTNAME: "https://localhost:8443" })).toBe(true);
    expect(isTrustedHost("localhost:8444", { ARM_METADATA_HOSTNAME: "localhost:8443" })).toBe(false);
  });

  it.each([
    "management.azure.com@evil.example",
    "management.azure.com\\@evil.example",
    "management.azure.com:443@evil.example",
    "management.azure.com.",
    "management.azure.com:8443",
    "http://management.azure.com",
    "\uff4danagement.azure.com",
    "manage\nment.azure.com",
    " management.azure.com",
    "https:management.azure.com",
  ])("is not known in a spelling that another parser may read otherwise: %j", (host) => {
    expect(isTrustedHost(host, {})).toBe(false);
    expect(isTrustedHost(host, { ARM_METADATA_HOSTNAME: "own.example" })).toBe(false);
  });
});

describe("a host of the config that would get the token of a pipeline's job", () => {
  const config = { "azure-native:oidcRequestUrl": "https://token.own.example/a?b=c" };

  it("is refused, unless the environment names it too, with TLS", () => {
    expect(untrustedHosts(config, {})).toEqual(["azure-native:oidcRequestUrl"]);
    const named = { ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.own.example/z" };
    expect(untrustedHosts(config, named)).toEqual([]);
    const plain = { "azure-native:oidcRequestUrl": "http://token.own.example/a" };
    expect(untrustedHosts(plain, named)).toEqual(["azure-native:oidcRequestUrl"]);
  });
});

describe("the metadata of a cloud", () => {
  it.each(["http://own.example", "https://user@own.example", "://"])("is never asked from %s", (host) => {
    expect(() => metadataBase(host)).toThrow(/https/);
  });

  it.each([
    ["https://management.own.example", "https://evil.example/"],
    ["https://management.own.example", "http://management.own.example/"],
    ["https://localhost:8443", "https://notlocalhost/"],
    ["https://10.0.0.1", "https://10.0.0.2/"],
    ["https://own.example", "https://other.example/"],
    ["https://management.azure.com", "https://evil.azure.com/"],
  ])("of %s may not name %s", (base, url) => {
    expect(() => requireUnder(base, [url])).toThrow(/names/);
  });

  it.each([
    ["https://management.own.example", "https://adfs.own.example/adfs"],
    ["https://localhost:8443", "https://localhost:8443/"],
    ["https://management.azure.com", "https://login.microsoftonline.com"],
  ])("of %s may name %s", (base, url) => {
    expect(() => requireUnder(base, [url])).not.toThrow();
  });
});
