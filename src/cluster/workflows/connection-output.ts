import type { Connection } from '../../instance/connection.ts';
import { isFields } from '../../instance/fields.ts';

/**
 * Reads the output parameter `connection` that a provisioner writes where a vendor's API told it where the server is.
 *
 * @param text JSON, or empty where there is nothing to tell
 */
export function parseConnection(text: string): Connection | undefined {
  const value = parse(text);
  if (!isFields(value)) return undefined;
  const { host, port, replicaSet, useSsl } = value;
  if (typeof host !== 'string' || typeof port !== 'number') return undefined;
  return { host, port, replicaSet: typeof replicaSet === 'string' ? replicaSet : undefined, useSsl: useSsl === true };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
