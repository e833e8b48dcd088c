await import('@prefect-ts/api')
console.log('done')
