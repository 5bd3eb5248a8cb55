/** For what Jinja can do and this interpreter cannot. @throws Error always */
export function refuse(what: string): never {
  throw new Error(`${what} is not supported`);
}
