import type { Socket } from 'node:net';
import { type Document, deserialize, serialize } from 'bson';

/** Operation codes of the protocol (https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/). */
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER = 16;
/** Bytes of a message: no test sends a longer one. */
const LONGEST = 16_777_216;

/** Reads the commands of a connection one after another, and writes back what `run` makes of them. */
export function serveCommands(socket: Socket, run: (command: Document) => Document): void {
  let buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    // A TLS handshake, taken for a length: without TLS mongod closes the connection too.
    if (buffer.length >= HEADER && buffer.readInt32LE(0) > LONGEST) socket.destroy();
    while (buffer.length >= HEADER && buffer.length >= buffer.readInt32LE(0)) {
      const length = buffer.readInt32LE(0);
      answer(socket, buffer.subarray(0, length), run);
      buffer = buffer.subarray(length);
    }
  });
}

function answer(socket: Socket, message: Buffer, run: (command: Document) => Document): void {
  const requestId = message.readInt32LE(4);
  const opcode = message.readInt32LE(12);
  if (opcode === OP_MSG) {
    const body = Buffer.concat([Buffer.from([0, 0, 0, 0, 0]), serialize(run(readMessage(message)))]);
    socket.write(Buffer.concat([header(HEADER + body.length, requestId, OP_MSG), body]));
  } else if (opcode === OP_QUERY) {
    // The first `hello` of a connection still comes as a query.
    const nameEnd = message.indexOf(0, HEADER + 4);
    const command = deserialize(message.subarray(nameEnd + 9));
    const database = message
      .subarray(HEADER + 4, nameEnd)
      .toString('utf8')
      .split('.')[0];
    const document = serialize(run({ ...command, $db: database }));
    const prefix = Buffer.alloc(20);
    prefix.writeInt32LE(8, 0);
    prefix.writeInt32LE(1, 16);
    socket.write(Buffer.concat([header(HEADER + 20 + document.length, requestId, OP_REPLY), prefix, document]));
  } else {
    socket.destroy();
  }
}

/** The body of an OP_MSG; sequences of documents, as insert sends them, become a list of its fields. */
function readMessage(message: Buffer): Document {
  let offset = HEADER + 4;
  let body: Document = {};
  const sequences: Record<string, Document[]> = {};
  while (offset < message.length) {
    const kind = message.readUInt8(offset);
    const size = message.readInt32LE(offset + 1);
    const section = message.subarray(offset + 1, offset + 1 + size);
    if (kind === 0) body = deserialize(section, { promoteBuffers: true });
    else {
      const end = section.indexOf(0, 4);
      sequences[section.subarray(4, end).toString('utf8')] = documentsIn(section.subarray(end + 1));
    }
    offset += 1 + size;
  }
  return { ...body, ...sequences };
}

function documentsIn(section: Buffer): Document[] {
  const documents: Document[] = [];
  for (let offset = 0; offset < section.length; offset += section.readInt32LE(offset)) {
    documents.push(deserialize(section.subarray(offset, offset + section.readInt32LE(offset))));
  }
  return documents;
}

function header(length: number, responseTo: number, opcode: number): Buffer {
  const buffer = Buffer.alloc(HEADER);
  buffer.writeInt32LE(length, 0);
  buffer.writeInt32LE(responseTo, 8);
  buffer.writeInt32LE(opcode, 12);
  return buffer;
}
