/** Certificates for tests, made by the machine's openssl when they are needed: none is kept in the repository. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const DAY_MS = 86_400_000;

export interface CertificateFiles {
  cert: string;
  key: string;
  /** Of the authority that signed it. */
  ca: string;
}
export interface Authority {
  /** PEM. */
  certificate: string;
  /** Its own certificate, which it signed itself. */
  own: CertificateFiles;
  /**
   * @param name e.g. `DNS:localhost` or `IP:127.0.0.1`, as in subjectAltName
   * @param days from now: when it begins and ends to be valid
   */
  issue(name: string, days?: { from: number; to: number }): Promise<CertificateFiles>;
  remove(): Promise<void>;
}

/** `openssl ca` and not `openssl x509`: only the former can date a certificate back in every version. */
const CONFIG = `
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
x509_extensions = issued
[any]
commonName = supplied
[issued]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`;

export async function makeAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), "certificates-"));
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await writeFile(join(folder, "ca.conf"), CONFIG);
  await writeFile(join(folder, "index.txt"), "");
  await writeFile(join(folder, "index.txt.attr"), "unique_subject = no\n");
  await openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-subj",
    "/CN=Test authority",
    // Strict clients require it, such as Python 3.13.
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign",
  );
  let issued = 0;
  // `openssl ca` keeps a database in the folder: two at once would tear it.
  let signing: Promise<unknown> = Promise.resolve();
  return {
    certificate: await readFile(join(folder, "ca.crt"), "utf8"),
    own: { cert: join(folder, "ca.crt"), key: join(folder, "ca.key"), ca: join(folder, "ca.crt") },
    async issue(name, days = { from: -1, to: 1 }) {
      issued += 1;
      const [cert, key, request] = ["crt", "key", "csr"].map((end) => `${issued}.${end}`) as [
        string,
        string,
        string,
      ];
      const names = ["-addext", `subjectAltName=${name}`];
      await openssl("req", ...newKey, "-keyout", key, "-out", request, "-subj", "/CN=Test cache", ...names);
      const dates = ["-startdate", asn1Time(days.from), "-enddate", asn1Time(days.to)];
      const signer = ["-config", "ca.conf", "-cert", "ca.crt", "-keyfile", "ca.key"];
      const sign = () =>
        openssl("ca", "-batch", "-notext", ...signer, ...dates, "-in", request, "-out", cert);
      const signed = signing.then(sign);
      signing = signed.catch(() => {});
      await signed;
      return { cert: join(folder, cert), key: join(folder, key), ca: join(folder, "ca.crt") };
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** YYYYMMDDHHMMSSZ */
function asn1Time(daysFromNow: number): string {
  const iso = new Date(Date.now() + daysFromNow * DAY_MS).toISOString();
  return `${iso.replace(/[-:T]/g, "").slice(0, 14)}Z`;
}
