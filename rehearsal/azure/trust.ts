/** For tests whose own process asks the emulator: children get NODE_EXTRA_CA_CERTS, which is read only at the start. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { Authority } from "../tls.ts";

/** @returns takes the trust away again */
export function trustInThisProcess({ certificate }: Pick<Authority, "certificate">): () => void {
  setDefaultCACertificates([...getCACertificates("default"), certificate]);
  return () =>
    setDefaultCACertificates(getCACertificates("default").filter((known) => known !== certificate));
}
