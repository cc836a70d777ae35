@echo off
set "node=%~dp0..\..\node_modules\.bin\node.cmd"
if not exist "%node%" set "node=node"
"%node%" --require "%~dp0..\compile-cache.cjs" "%~dp0main.ts" %*
