@echo off
node -- "%~dp0scripts\propiq-cache.mjs" %*
