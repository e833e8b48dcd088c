/**
 * A body that takes 4.5 s, longer than tokens of 2 s last.
 * @yields so many pieces of that size
 */
export async function* slowBody(pieces: number, pieceSize: number): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < pieces; piece++) {
    await new Promise((resolve) => setTimeout(resolve, 4_500 / pieces))
    yield new Uint8Array(pieceSize).fill(piece)
  }
}
