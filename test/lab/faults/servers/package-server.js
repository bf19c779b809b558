// Serves a folder of packages inside the lab, as badly as it is told: package-server.js FOLDER ADDRESS PORT MANNER.
// MANNER: well, slow (64 KiB/s), silent (headers and nothing more), missing (404), half (the connection ends halfway).
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { Transform } from 'node:stream';
import { setTimeout } from 'node:timers';

const [folder, address, port, manner] = process.argv.slice(2);

function slowly(bytesPerSecond) {
  return new Transform({
    highWaterMark: 16_384,
    transform(chunk, _encoding, done) {
      setTimeout(() => done(null, chunk), (chunk.length / bytesPerSecond) * 1000);
    },
  });
}

createServer((request, response) => {
  const file = path.join(folder, decodeURIComponent(new URL(request.url, 'http://x').pathname));
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (manner === 'missing' || size === undefined) {
    response.writeHead(404).end('not here');
    return;
  }
  response.writeHead(200, { 'content-length': size });
  response.flushHeaders();
  if (manner === 'silent') return;
  if (manner === 'half') {
    createReadStream(file, { end: Math.floor(size / 2) })
      .on('end', () => response.destroy())
      .pipe(response, { end: false });
    return;
  }
  const stream = createReadStream(file, { highWaterMark: 16_384 });
  (manner === 'slow' ? stream.pipe(slowly(65_536)) : stream).pipe(response);
}).listen(Number(port), address, () => console.log('ready'));
