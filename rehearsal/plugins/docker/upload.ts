/** A file for a container as the real provider sends it: a tar archive of one file, unpacked at the root. */

export interface Upload {
  file: string;
  content: string;
  /** Octal, as text. */
  permissions?: string;
}

const BLOCK = 512;

/** In the format `ustar`: a header of one block, the bytes, and two empty blocks at the end. */
export function uploadArchive({ file, content, permissions = "0644" }: Upload): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  const put = (at: number, text: string) => header.write(text, at, "latin1");
  put(0, file.replace(/^\/+/, ""));
  put(100, octal(Number.parseInt(permissions, 8), 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(bytes.length, 11));
  put(136, octal(0, 11));
  // The sum counts its own field as blanks.
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\0" + "00");
  put(
    148,
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
  );
  return Buffer.concat([
    header,
    bytes,
    Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK),
    Buffer.alloc(2 * BLOCK),
  ]);
}
