/** Allowed addresses as Azure's firewall rules take them: a name, a first and a last IPv4 address. Pure. */

export interface Range {
  /** Letters, digits and underscores, as Azure requires for names of rules. */
  name: string;
  startIP: string;
  endIP: string;
}

/** @param text an IPv4 address or a range such as 203.0.113.0/24; settings have refused anything else */
export function rangeOf(text: string): Range {
  const [address = "", bits = "32"] = text.split("/");
  const mask = bits === "0" ? 0 : (0xffffffff << (32 - Number(bits))) >>> 0;
  const first = (toNumber(address) & mask) >>> 0;
  const last = (first | ~mask) >>> 0;
  return { name: `allow_${text.replace(/\W/g, "_")}`, startIP: toText(first), endIP: toText(last) };
}

const toNumber = (address: string): number =>
  address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const toText = (number: number): string => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
