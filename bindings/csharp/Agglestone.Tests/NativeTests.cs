using System;
using System.Collections.Generic;
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

/// <summary>Holds what this package knows of the native library against the library itself.</summary>
public sealed class NativeTests
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
        [AgglestoneErrorCode.InvalidToken] = typeof(AgglestoneInvalidTokenException),
        [AgglestoneErrorCode.KeysUnavailable] = typeof(AgglestoneKeysUnavailableException),
        [AgglestoneErrorCode.CheckUnavailable] = typeof(AgglestoneCheckUnavailableException),
        [AgglestoneErrorCode.RateLimited] = typeof(AgglestoneRateLimitedException),
        [AgglestoneErrorCode.Server] = typeof(AgglestoneServerException),
        [AgglestoneErrorCode.UnexpectedStatus] = typeof(AgglestoneApiException),
        [AgglestoneErrorCode.InvalidResponse] = typeof(AgglestoneResponseException),
        [AgglestoneErrorCode.Panic] = typeof(AgglestoneInternalException),
    };

    private static IEnumerable<string> Bound => typeof(NativeMethods)
        .GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
        .Where(method => method.GetCustomAttribute<DllImportAttribute>() is not null)
        .Select(method => method.Name);

    [Test]
    public void EveryCodeBecomesItsException()
    {
        Assert.That(Exceptions.Keys, Is.EquivalentTo(Enum.GetValues<AgglestoneErrorCode>()));
        foreach (var (code, type) in Exceptions)
        {
            var exception = ExceptionTable.Create(new ErrorDetails { Code = code, Message = "why" }, CancellationToken.None);
            Assert.That(exception.GetType(), Is.EqualTo(type), code.ToString());
            Assert.That((exception as IAgglestoneError)?.Code ?? code, Is.EqualTo(code));
        }
    }

    [TestCase(250, typeof(AgglestoneTransportException))]
    [TestCase(313, typeof(AgglestoneApiException))]
    [TestCase(777, typeof(AgglestoneException))]
    public void ANumberOfANewerLibraryIsStillAnAgglestoneException(int number, Type type)
    {
        var exception = ExceptionTable.Create(new ErrorDetails { Code = (AgglestoneErrorCode)number, Message = "why" }, CancellationToken.None);
        Assert.That((exception.GetType(), (int)((AgglestoneException)exception).Code), Is.EqualTo((type, number)));
    }

    [Test]
    public void EveryBoundFunctionIsInTheLibrary()
    {
        var library = NativeLibrary.Load(NativeMethods.Library, typeof(NativeMethods).Assembly, null);
        Assert.That(Bound.Count(), Is.GreaterThan(50));
        Assert.That(Bound.Where(name => !NativeLibrary.TryGetExport(library, name, out _)), Is.Empty);
    }

    [Test]
    public void AnotherInterfaceVersionIsRefused()
    {
        NativeLibraryCheck.Compare(NativeMethods.AbiVersion);
        var problem = Assert.Throws<AgglestoneConfigurationException>(() => NativeLibraryCheck.Compare(NativeMethods.AbiVersion + 1))!;
        Assert.That(problem.Message, Does.Contain($"version {NativeMethods.AbiVersion + 1}"));
    }

    [Test]
    public unsafe void ThePackageHasTheVersionOfTheLibrary()
    {
        const string Project = "bindings/csharp/Directory.Build.props";
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, Project)))
        {
            folder = folder.Parent ?? throw new FileNotFoundException($"{Project} is in no folder above");
        }

        var project = File.ReadAllText(Path.Combine(folder.FullName, Project));
        var library = Marshal.PtrToStringUTF8((nint)NativeMethods.agg_version());
        Assert.That(Regex.Match(project, "<Version>(.+)</Version>").Groups[1].Value, Is.EqualTo(library));
    }
}
