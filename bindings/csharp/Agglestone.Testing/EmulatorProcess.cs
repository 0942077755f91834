using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Agglestone.Testing;

/// <summary>
/// The program. It runs until its standard input is closed, which this process can't end without doing, however it ends.
/// </summary>
internal sealed class EmulatorProcess : IAsyncDisposable
{
    private const string Variable = "AGGLESTONE_EMULATOR";
    private const string Name = "agglestone-emulator";

    private EmulatorProcess(Process process) => Process = process;

    internal Process Process { get; }

    /// <summary>What it said when it was ready.</summary>
    internal JsonElement Ready { get; private set; }

    internal static async Task<EmulatorProcess> StartAsync(EmulatorOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var seed = options.Users is { } users ? Path.GetTempFileName() : null;
        try
        {
            var arguments = options.ProgramArguments();
            if (seed is not null)
            {
                var written = ControlApi.Written(writer => WriteUsers(writer, options.Users!));
                await File.WriteAllBytesAsync(seed, written.ToArray(), cancellationToken).ConfigureAwait(false);
                arguments = arguments.Append($"--seed={seed}");
            }

            var process = new EmulatorProcess(Run(Program(options), arguments));
            await process.WaitUntilReadyAsync(cancellationToken).ConfigureAwait(false);
            return process;
        }
        finally
        {
            if (seed is not null)
            {
                File.Delete(seed);
            }
        }
    }

    /// <summary>Writes <c>{"users":[…]}</c>.</summary>
    internal static void WriteUsers(Utf8JsonWriter writer, IEnumerable<User> users)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("users");
        foreach (var user in users)
        {
            JsonSerializer.Serialize(writer, user, AgglestoneJson.User);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            Process.StandardInput.Close();
            await Process.WaitForExitAsync().ConfigureAwait(false);
        }
        catch (InvalidOperationException)
        {
            // It was disposed before.
        }

        Process.Dispose();
    }

    private static string Program(EmulatorOptions options)
    {
        string?[] places = [options.Binary, Environment.GetEnvironmentVariable(Variable), Packaged()];
        return Array.Find(places, place => !string.IsNullOrEmpty(place)) ?? Name;
    }

    /// <summary>The program that came in the package, for this platform: it lies where the runtime looks for native libraries.</summary>
    private static string? Packaged()
    {
        var folders = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? string.Empty;
        var file = OperatingSystem.IsWindows() ? $"{Name}.exe" : Name;
        return folders.Split(Path.PathSeparator).Append(AppContext.BaseDirectory)
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Not every NuGet unpacks a program as one.</summary>
    private static void LetItRun(string program)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(program))
        {
            var mode = File.GetUnixFileMode(program);
            if (!mode.HasFlag(UnixFileMode.UserExecute))
            {
                File.SetUnixFileMode(program, mode | UnixFileMode.UserExecute);
            }
        }
    }

    private static Process Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] fixedArguments = ["--port=0", "--json", "--until-stdin-closes"];
        foreach (var argument in fixedArguments.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        // The tests' own settings of the program would come on top of what is asked for here.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith($"{Variable}_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        try
        {
            LetItRun(program);
            return Process.Start(start)!;
        }
        catch (Exception error) when (error is Win32Exception or IOException or UnauthorizedAccessException)
        {
            throw new EmulatorException($"cannot run {program}: set {Variable} to the path of agglestone-emulator", error);
        }
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        // Read to its end, so that the program never waits for a reader.
        var errors = Process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            var line = await Process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            if (line is not null)
            {
                using var ready = JsonDocument.Parse(line);
                Ready = ready.RootElement.Clone();
                return;
            }

            var reason = (await errors.ConfigureAwait(false)).Trim();
            throw new EmulatorException(reason.Length > 0 ? reason : "the emulator ended at once");
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
