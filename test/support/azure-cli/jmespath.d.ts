/** What we use of jmespath, which brings no types. */
declare module "jmespath" {
  export function search(data: unknown, query: string): unknown;
  const jmespath: { search: typeof search };
  export default jmespath;
}
