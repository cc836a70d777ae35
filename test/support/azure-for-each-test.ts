/** An emulated Azure for each test of a file, trusted by the test's own process; all certificates are of one authority. */
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type Azure, type AzureOptions, startAzure } from "../../rehearsal/azure/emulator.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type Authority, makeAuthority } from "../../rehearsal/tls.ts";

interface Again {
  /** After a test has stopped its own. */
  start(options?: AzureOptions): Promise<void>;
  /** Another one in the middle of a test. */
  restart(options: AzureOptions): Promise<void>;
}

/** @param hold given each one that is started */
export function azureForEachTest(hold: (azure: Azure) => void, options: AzureOptions = {}): Again {
  let authority: Authority;
  let distrust: () => void;
  let azure: Azure;
  const start = async (own: AzureOptions = {}): Promise<void> => {
    azure = await startAzure({ authority, ...options, ...own });
    hold(azure);
  };

  beforeAll(async () => {
    authority = await makeAuthority();
    distrust = trustInThisProcess(authority);
  });
  afterAll(async () => {
    distrust();
    await authority.remove();
  });
  beforeEach(() => start());
  afterEach(() => azure.stop());

  return {
    start,
    async restart(own) {
      await azure.stop();
      await start(own);
    },
  };
}
