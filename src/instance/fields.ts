/** The fields of a mapping that came from a file. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value from a file is a mapping. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
