/** Version of this package, as package.json has it. */
export const version = '0.0.0'

/** The API version that the types are generated from; the server refuses one that it no longer serves. */
export const apiVersion = '0.8.4'
