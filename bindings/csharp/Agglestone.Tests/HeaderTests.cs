using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Threading;

using Agglestone.Errors;
using Agglestone.Native;

using NUnit.Framework;

namespace Agglestone.Tests;

/// <summary>Holds what stands in this package against include/agglestone.h, which it was written from by hand.</summary>
public sealed class HeaderTests
{
    private static readonly Dictionary<AgglestoneErrorCode, Type> Exceptions = new()
    {
        [AgglestoneErrorCode.InvalidArgument] = typeof(AgglestoneArgumentException),
        [AgglestoneErrorCode.InvalidConfig] = typeof(AgglestoneConfigurationException),
        [AgglestoneErrorCode.Closed] = typeof(ObjectDisposedException),
        [AgglestoneErrorCode.Connect] = typeof(AgglestoneTransportException),
        [AgglestoneErrorCode.Tls] = typeof(AgglestoneTransportException),
        [AgglestoneErrorCode.Timeout] = typeof(AgglestoneTransportException),
        [AgglestoneErrorCode.Cancelled] = typeof(OperationCanceledException),
        [AgglestoneErrorCode.TooLarge] = typeof(AgglestoneTransportException),
        [AgglestoneErrorCode.UnexpectedRedirect] = typeof(AgglestoneTransportException),
        [AgglestoneErrorCode.BadRequest] = typeof(AgglestoneBadRequestException),
        [AgglestoneErrorCode.Unauthorized] = typeof(AgglestoneAuthenticationException),
        [AgglestoneErrorCode.Forbidden] = typeof(AgglestonePermissionDeniedException),
        [AgglestoneErrorCode.NotFound] = typeof(AgglestoneNotFoundException),
        [AgglestoneErrorCode.Conflict] = typeof(AgglestoneConflictException),
        [AgglestoneErrorCode.RateLimited] = typeof(AgglestoneRateLimitedException),
        [AgglestoneErrorCode.Server] = typeof(AgglestoneServerException),
        [AgglestoneErrorCode.UnexpectedStatus] = typeof(AgglestoneApiException),
        [AgglestoneErrorCode.InvalidResponse] = typeof(AgglestoneResponseException),
        [AgglestoneErrorCode.Panic] = typeof(AgglestoneInternalException),
    };

    private static string Header => File.ReadAllText(Path.Combine(Root, "include", "agglestone.h"));

    private static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "include", "agglestone.h")))
            {
                folder = folder.Parent ?? throw new FileNotFoundException("include/agglestone.h is in no folder above");
            }

            return folder.FullName;
        }
    }

    private static IEnumerable<string> Functions => Regex.Matches(Header, @"^[\w ]+[ *](agg_\w+)\(", RegexOptions.Multiline).Select(match => match.Groups[1].Value);

    private static IEnumerable<string> Bound => typeof(NativeMethods)
        .GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
        .Where(method => method.GetCustomAttribute<DllImportAttribute>() is not null)
        .Select(method => method.Name);

    [Test]
    public void CodesHaveTheHeadersNamesAndNumbers()
    {
        var header = Regex.Matches(Header, @"^  AGG_([A-Z_]+) = (\d+),", RegexOptions.Multiline)
            .Select(match => (Name: match.Groups[1].Value.Replace("_", ""), Number: int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)))
            .Where(code => code.Number != 0);
        var own = Enum.GetValues<AgglestoneErrorCode>().Select(code => (Name: code.ToString().ToUpperInvariant(), Number: (int)code));
        Assert.That(own, Is.EquivalentTo(header));
    }

    [Test]
    public void EveryCodeBecomesItsException()
    {
        Assert.That(Exceptions.Keys, Is.EquivalentTo(Enum.GetValues<AgglestoneErrorCode>()));
        foreach (var (code, type) in Exceptions)
        {
            var exception = ExceptionTable.Create(new ErrorDetails { Code = code, Message = "why" }, CancellationToken.None);
            Assert.That(exception.GetType(), Is.EqualTo(type), code.ToString());
            Assert.That((exception as AgglestoneException)?.Code ?? code, Is.EqualTo(code));
        }
    }

    [TestCase(250, typeof(AgglestoneTransportException))]
    [TestCase(310, typeof(AgglestoneApiException))]
    [TestCase(777, typeof(AgglestoneException))]
    public void ANumberOfANewerLibraryIsStillAnAgglestoneException(int number, Type type)
    {
        var exception = ExceptionTable.Create(new ErrorDetails { Code = (AgglestoneErrorCode)number, Message = "why" }, CancellationToken.None);
        Assert.That((exception.GetType(), (int)((AgglestoneException)exception).Code), Is.EqualTo((type, number)));
    }

    [TestCase("agg_operation_")]
    [TestCase("agg_config_")]
    public void EveryOperationAndSettingOfTheHeaderIsBound(string prefix)
    {
        var functions = Functions.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        Assert.That(functions, Has.Count.GreaterThan(5));
        Assert.That(Bound, Is.SupersetOf(functions));
    }

    [Test]
    public void EveryBoundFunctionIsInTheHeaderAndInTheLibrary()
    {
        Assert.That(Functions, Is.SupersetOf(Bound));
        var library = NativeLibrary.Load(NativeMethods.Library, typeof(NativeMethods).Assembly, null);
        Assert.That(Bound.Where(name => !NativeLibrary.TryGetExport(library, name, out _)), Is.Empty);
    }

    [Test]
    public void TheInterfaceVersionIsTheHeadersAndAnotherIsRefused()
    {
        Assert.That(Regex.Match(Header, @"#define AGG_ABI_VERSION (\d+)").Groups[1].Value, Is.EqualTo($"{NativeLibraryCheck.ExpectedAbi}"));
        NativeLibraryCheck.Compare(NativeLibraryCheck.ExpectedAbi);
        var problem = Assert.Throws<AgglestoneConfigurationException>(() => NativeLibraryCheck.Compare(NativeLibraryCheck.ExpectedAbi + 1))!;
        Assert.That(problem.Message, Does.Contain($"version {NativeLibraryCheck.ExpectedAbi + 1}"));
    }

    [Test]
    public unsafe void ThePackageHasTheVersionOfTheLibrary()
    {
        var project = File.ReadAllText(Path.Combine(Root, "bindings", "csharp", "Agglestone", "Agglestone.csproj"));
        var library = Marshal.PtrToStringUTF8((nint)NativeMethods.agg_version());
        Assert.That(Regex.Match(project, "<Version>(.+)</Version>").Groups[1].Value, Is.EqualTo(library));
    }

    [TestCase("user_id", "userId", "UserId")]
    [TestCase("allow_insecure_http", "allowInsecureHttp", "AllowInsecureHttp")]
    [TestCase("json", "json", "Json")]
    public void NamesAreSpelledAsInCSharp(string name, string camel, string pascal)
    {
        Assert.That((Spelling.Camel(name), Spelling.Pascal(name)), Is.EqualTo((camel, pascal)));
        Assert.That(Spelling.InMessage($"`{name}` is `..`, unlike `{name}`", pascal: false), Is.EqualTo($"`{camel}` is `..`, unlike `{camel}`"));
        Assert.That(Spelling.InMessage($"set {name} or `{name}` or ` {name}", pascal: true), Is.EqualTo($"set {name} or `{pascal}` or ` {name}"));
    }
}
