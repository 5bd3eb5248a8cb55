/** The fields of a JSON or YAML mapping that came from outside. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is a mapping. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a value; none where it is not a mapping. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** A text among the fields; an empty one counts as absent. */
export function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A list of texts among the fields; other items are left out. */
export function textsIn(fields: Fields, name: string): string[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** A list of mappings among the fields; an item that is not one becomes empty. */
export function listIn(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}
