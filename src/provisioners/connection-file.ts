import { writeFile } from 'node:fs/promises';

/** Where a vendor's API says that the server is: what config.yml gets where it does not say. */
export interface Connection {
  /** With `mongodb+srv://` before it where it is found by DNS. */
  readonly host: string;
  readonly port: number;
  readonly replicaSet?: string | undefined;
  readonly useSsl: boolean;
}

/** Leaves the connection where Argo takes it up as the output parameter `connection`. */
export async function writeConnection(file: string, connection: Connection): Promise<void> {
  await writeFile(file, JSON.stringify(connection));
}
