import { randomBytes } from 'node:crypto';

/** A version of an object, or a marker that says it was deleted. */
export interface Version {
  readonly key: string;
  /** `null` for one that was made while versioning was not on. */
  readonly id: string;
  readonly isMarker: boolean;
  /** The content; a marker has none. */
  readonly body: Buffer;
}

export interface Upload {
  readonly key: string;
  readonly id: string;
}

/** Where a listing continues: after this item, or without an id after all items of its key. */
export type Marker = Partial<Upload>;

/** What is in a bucket: all versions of its objects, delete markers and unfinished uploads. */
export class Objects {
  /** Versions by key, the newest first. */
  readonly #versions = new Map<string, Version[]>();
  readonly #uploads = new Map<string, Upload>();
  /** The age of each version, as a count: a listing may continue after one that was deleted. */
  readonly #serials = new Map<string, number>();
  #made = 0;

  get isEmpty(): boolean {
    return this.#versions.size === 0 && this.#uploads.size === 0;
  }

  /** The newest version of each object that is not deleted, by key. */
  get current(): Version[] {
    const newest = [...this.#versions.values()].flatMap(([version]) => version ?? []);
    return newest.filter(({ isMarker }) => !isMarker).sort((a, b) => compare(a.key, b.key));
  }

  /** The content of the newest version, or undefined where there is no object. */
  read(key: string): Buffer | undefined {
    const newest = this.#versions.get(key)?.[0];
    return newest?.isMarker === false ? newest.body : undefined;
  }

  /** @param versioning status of the bucket: `Enabled`, `Suspended` or empty */
  put(key: string, versioning: string, body: Buffer): Version {
    return this.#add(key, versioning, { isMarker: false, body });
  }

  /** Without a version: adds a marker where there is versioning, else deletes the object. */
  delete(key: string, versioning: string): void {
    if (versioning === '') this.#versions.delete(key);
    else this.#add(key, versioning, { isMarker: true, body: Buffer.alloc(0) });
  }

  deleteVersion(key: string, id: string): void {
    const versions = this.#versions.get(key) ?? [];
    const left = versions.filter((version) => version.id !== id);
    if (left.length > 0) this.#versions.set(key, left);
    else this.#versions.delete(key);
  }

  /** Versions in the order of a listing: by key, the newest first. */
  versionsAfter(marker: Marker): Version[] {
    const keys = [...this.#versions.keys()].sort();
    const all = keys.flatMap((key) => this.#versions.get(key) ?? []);
    return all.filter((one) =>
      isAfter(one, marker, (id) => this.#serialOf(one.key, id) - this.#serialOf(one.key, one.id)),
    );
  }

  /** Uploads in the order of a listing: by key and id. */
  uploadsAfter(marker: Marker): Upload[] {
    const all = [...this.#uploads.values()].sort((a, b) => compare(a.key, b.key) || compare(a.id, b.id));
    return all.filter((one) => isAfter(one, marker, (id) => compare(one.id, id)));
  }

  begin(key: string): Upload {
    const upload = { key, id: randomBytes(16).toString('hex') };
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /** @returns whether there was such an upload */
  end(uploadId: string): boolean {
    return this.#uploads.delete(uploadId);
  }

  #serialOf(key: string, id: string): number {
    return this.#serials.get(serialKey(key, id)) ?? 0;
  }

  #add(key: string, versioning: string, content: Pick<Version, 'isMarker' | 'body'>): Version {
    const id = versioning === 'Enabled' ? randomBytes(16).toString('hex') : 'null';
    const version = { key, id, ...content };
    this.#made += 1;
    this.#serials.set(serialKey(key, id), this.#made);
    const others = (this.#versions.get(key) ?? []).filter((other) => other.id !== id);
    this.#versions.set(key, [version, ...others]);
    return version;
  }
}

/** @param order of those of one key: above zero where the item comes after that id */
function isAfter({ key }: Upload, marker: Marker, order: (id: string) => number): boolean {
  if (marker.key === undefined || key > marker.key) return true;
  return key === marker.key && marker.id !== undefined && order(marker.id) > 0;
}

function serialKey(key: string, id: string): string {
  return `${id}/${key}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
