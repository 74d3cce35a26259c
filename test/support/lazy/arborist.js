// By its path, which jest.config.js does not map.
module.exports = require("./lazy")(() => require("../../../node_modules/@npmcli/arborist"));
