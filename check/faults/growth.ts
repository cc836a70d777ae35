/** Which plans are larger than others. Only their names: what each holds stands in the catalogue. */

/** The plan to grow to, by the one that runs. */
export type Growth = Readonly<Record<string, string>>;
/** One of the same cloud, and as available, that holds more. */
export const MORE_MEMORY: Growth = {
  "upstash-free": "upstash-fixed-1gb",
  "upstash-fixed-250mb": "upstash-fixed-1gb",
  "upstash-fixed-1gb": "upstash-payg",
  "azure-c0": "azure-managed-b1",
  "azure-standard-c0": "azure-managed-b1-ha",
  "azure-managed-b0": "azure-managed-b1",
  "azure-managed-b0-ha": "azure-managed-b1-ha",
};
/** One that holds as much, and takes more connections. */
export const MORE_CONNECTIONS: Growth = {
  "azure-c0": "azure-managed-b0",
  "azure-c1": "azure-managed-b1",
  "azure-standard-c0": "azure-managed-b0-ha",
  "azure-standard-c1": "azure-managed-b1-ha",
};
/** Those that count what is used, to the one that bills it. */
export const BY_USE: Growth = {
  "upstash-free": "upstash-payg",
  "upstash-fixed-250mb": "upstash-payg",
  "upstash-fixed-1gb": "upstash-payg",
};
